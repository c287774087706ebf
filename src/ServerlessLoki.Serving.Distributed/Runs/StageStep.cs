namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Stage of a run with its answer.</summary>
/// <param name="Run">Run of the stage.</param>
/// <param name="Ticket">Ticket of the stage that was sent.</param>
/// <param name="Arrival">Answer to the stage; null when none came in time.</param>
public sealed record StageStep(RunStart Run, StageTicket Ticket, StageArrival? Arrival);
