using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.TestUtils;

/// <summary>Messages and replies of one stage.</summary>
internal static class Messages
{
    public static readonly StageKey Stage = new("traffic", "detect", "detect-n");

    public static readonly DateTimeOffset Arrival = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static StageMessage Message(string query, TimeSpan? due = null, int payloadBytes = 0, string replyTo = "loki-replies-test") => new()
    {
        QueryId = query,
        ReplyTo = replyTo,
        Pipeline = Stage.Pipeline,
        Task = Stage.Task,
        Variant = Stage.Variant,
        Credit = Credit.Whole.Split(1, 3),
        Arrival = Arrival,
        Enqueued = Arrival,
        Deadline = Arrival + due,
        ReturnOnly = due is null,
        Input = payloadBytes == 0 ? null : new StagePayload { Kind = StagePayloadKind.Picture, Bytes = new byte[payloadBytes] },
    };

    public static StageReply Reply(string query, string? failure = null) => new()
    {
        QueryId = query,
        Pipeline = Stage.Pipeline,
        Task = Stage.Task,
        Variant = Stage.Variant,
        Failure = failure is null ? null : new StageFailure(QueryOutcome.Failed, failure),
        Worker = "w",
    };
}
