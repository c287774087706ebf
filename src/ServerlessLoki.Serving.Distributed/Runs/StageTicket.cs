using ServerlessLoki.Serving.Distributed.Messages;

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Ticket of a stage that was sent and whose answer is awaited.</summary>
/// <param name="Event">Name of the event that brings the answer.</param>
/// <param name="Task">Task name, for operators.</param>
/// <param name="Variant">Variant name, for operators.</param>
/// <param name="Message">Base64 text of the <see cref="StageMessage"/>.</param>
/// <param name="Attempt">Number of the attempt, from 1.</param>
public sealed record StageTicket(string Event, string Task, string Variant, string Message, int Attempt);
