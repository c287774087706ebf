using System.Collections.Immutable;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>Row of a direct inference that waits in another process: its raw outputs are sent there.</summary>
internal sealed class WorkerInfer : DirectQuery, IWorkerScope
{
    private readonly Task _sent;

    public WorkerInfer(StageMessage message, ImmutableArray<TensorPart> inputs, Func<StageMessage, StageReply, Task> send)
        : base(VariantRequest.OfRow(message.Variant, inputs), _ => { }) => _sent = ReplyAsync(message, send);

    public Task SentAsync() => _sent;

    private async Task ReplyAsync(StageMessage message, Func<StageMessage, StageReply, Task> send)
    {
        using var result = await Result;
        await send(message, result.Outcome == QueryOutcome.Completed
            ? Replies.Direct(message, result)
            : Replies.Failure(message, new StageFailure(result.Outcome, result.Error!, result.RetryAfter)));
    }
}
