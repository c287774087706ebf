namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>One stage of a run, with what came of it.</summary>
/// <param name="Run">The run.</param>
/// <param name="Ticket">What was sent.</param>
/// <param name="Arrival">What came back; null when nothing did in time.</param>
public sealed record StageStep(RunStart Run, StageTicket Ticket, StageArrival? Arrival);
