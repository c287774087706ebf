using ServerlessLoki.Serving.Distributed.Messages;

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>A stage that was sent and whose answer is awaited.</summary>
/// <param name="Event">Name of the event that brings the answer.</param>
/// <param name="Task">Task name, for people.</param>
/// <param name="Variant">Variant asked, for people.</param>
/// <param name="Message">The <see cref="StageMessage"/>, in base 64.</param>
/// <param name="Attempt">1 for the first.</param>
public sealed record StageTicket(string Event, string Task, string Variant, string Message, int Attempt);
