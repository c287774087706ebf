using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>Query of another process, as seen by the worker that serves one of its items: results are sent to that process.</summary>
/// <remarks>There is one object per delivered message. It tracks what is sent for the message, which is completed only when all of it has
/// arrived.</remarks>
internal sealed class WorkerQuery(
    StageMessage message, Pipelines.PipelineTask task, QueryInput? input, Func<StageMessage, StageReply, Task> send) : QueryScope, IWorkerScope
{
    private readonly Lock _gate = new();
    private readonly List<Task> _sending = [];
    private StageReply? _answer;
    private bool _hasEnded;

    public StageMessage Message { get; } = message;

    /// <summary>Index of the message's task.</summary>
    public int Task => task.Index;

    /// <summary><see cref="AnswerStamp"/> of the answer to the message's item; children carry it.</summary>
    public ulong Stamp { get; private set; }

    public override QueryInput? Input { get; } = input;

    public override bool HasEnded => Volatile.Read(ref _hasEnded);

    /// <summary>True where the query is known to have ended before its item came.</summary>
    public bool IsGone
    {
        init => _hasEnded = value;
    }

    public string VariantName(int variant) => task.Variants[variant].Name;

    public override void Report(StageItem item, OutputRow[] rows, RowTensor? tensor, int children)
    {
        if (HasEnded)
            return;
        var reply = Replies.Answer(this, item, rows, tensor, children);
        Stamp = AnswerStamp.Of(reply.Variant, rows, reply.Tensor is { } packed ? packed.Bytes.Span : []);
        if (children == 0)
        {
            Track(send(Message, reply));
            return;
        }

        lock (_gate)
            _answer = reply;
    }

    /// <summary>Leaves the accounts of joins to the process where the query waits: they follow from the answer that was just sent
    /// there.</summary>
    internal override IReadOnlyList<ReadyJoin> Book(StageItem item, Fork? inner, IReadOnlyList<Passage> passages) => [];

    public override void Fail(QueryOutcome outcome, string error, TimeSpan? retryAfter = null)
    {
        lock (_gate)
        {
            if (_hasEnded)
                return;
            _hasEnded = true;
        }

        Track(send(Message, Replies.Failure(Message, new StageFailure(outcome, error, retryAfter))));
    }

    /// <summary>Tracks a message that must have arrived before this one may be completed.</summary>
    public void Track(Task sending)
    {
        lock (_gate)
            _sending.Add(sending);
    }

    /// <summary>Waits until everything has arrived. An answer with children is sent after them: if this worker died in between, the answer
    /// would count without its children, and those of the worker that serves the message again would belong to another answer.</summary>
    public Task SentAsync()
    {
        lock (_gate)
        {
            var sending = _sending.Count == 1 ? _sending[0] : System.Threading.Tasks.Task.WhenAll(_sending);
            return _answer is null ? sending : AnswerAfterAsync(sending);
        }
    }

    private async Task AnswerAfterAsync(Task children)
    {
        await children;
        StageReply? answer;
        lock (_gate)
            (answer, _answer) = (_hasEnded ? null : _answer, null);
        if (answer is not null)
            await send(Message, answer);
    }

    /// <summary>Does nothing: the input belongs to the cache or the message, and is never pooled.</summary>
    protected override void FreeInput()
    {
    }
}
