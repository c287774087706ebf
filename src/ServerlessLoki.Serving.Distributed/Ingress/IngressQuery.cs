using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Ingress;

/// <summary>Query that workers serve and this process waits for. It accepts replies in any order and more than once, and reports each
/// answer to the query once, parents first.</summary>
/// <param name="query">Query that joins the answers by credit; it gets only answers that belong together.</param>
/// <param name="pipeline">Pipeline of the query.</param>
/// <param name="answered">Called for each answer that counts; returns its children.</param>
/// <param name="sendJoin">Sends a join for which everything has arrived.</param>
internal sealed class IngressQuery(QueryScope query, Pipeline pipeline, Func<int, int, OutputRow[], List<(int Edge, int Row)>> answered, Action<ReadyJoin> sendJoin) : IngressScope(query)
{
    /// <summary>Stamps of the answers that count, by task and start of credit.</summary>
    private readonly Dictionary<(int Task, UInt128 Start), ulong> _answers = [];

    /// <summary>Forks that the children of an answer refer to, in a pipeline with joins.</summary>
    private readonly Dictionary<(int Task, UInt128 Start), Fork?> _forks = [];
    private readonly bool _hasJoins = pipeline.Tasks.Any(t => t.IsJoin);
    private readonly List<StageReply> _early = [];
    private readonly Lock _gate = new();
    private UnansweredWork? _unanswered;

    /// <summary>Token of the stored input, for items that are sent later; null while the input travels with its message.</summary>
    public string? InputToken { get; set; }

    /// <summary>Returns the stamp of an answer that counted.</summary>
    public ulong StampOf(int task, UInt128 start)
    {
        lock (_gate)
            return _answers[(task, start)];
    }

    /// <summary>Counts the query as unanswered until its first answer or its end.</summary>
    public void CountIn(UnansweredWork unanswered)
    {
        unanswered.Add(Query.Pipeline);
        Volatile.Write(ref _unanswered, unanswered);
    }

    public override void Forget() => Uncount();

    public override void Take(StageReply reply)
    {
        lock (_gate)
        {
            if (!TryTake(reply))
                return;

            // Each answer may be the parent that others waited for.
            for (var progress = true; progress && _early.Count > 0;)
            {
                progress = false;
                foreach (var early in _early.ToArray())
                {
                    _early.Remove(early);
                    progress |= TryTake(early);
                }
            }
        }
    }

    /// <summary>Accepts a reply; false if it was a repetition, belongs to an answer that does not count, or came before its
    /// parent.</summary>
    private bool TryTake(StageReply reply)
    {
        var task = Task(reply.Task);
        var parent = reply.ParentTask is { } name ? Task(name).Index : -1;
        if (parent >= 0)
        {
            if (!_answers.TryGetValue((parent, reply.ParentStart), out var stamp))
            {
                _early.Add(reply);
                return false;
            }

            if (stamp != reply.ParentStamp)
                return false;
        }

        var rows = ImmutableCollectionsMarshal.AsArray(reply.Rows) ?? [];
        var tensor = reply.Tensor is { } bytes ? Payloads.TensorOf(bytes.Bytes) : null;
        if (_answers.ContainsKey((task.Index, reply.Credit.Start)))
            return false;
        if (reply.Failure is { } failure)
        {
            Query.Fail(failure.Outcome, failure.Error, failure.RetryAfter);
            return false;
        }

        var variant = task.Variants.FirstOrDefault(v => v.Name == reply.Variant)
            ?? throw new FormatException($"Variant {pipeline.Name}/{reply.Task}/{reply.Variant} is not known here.");
        _answers[(task.Index, reply.Credit.Start)] = AnswerStamp.Of(reply.Variant, rows, reply.Tensor is { } packed ? packed.Bytes.Span : []);
        Uncount();
        var children = answered(task.Index, variant.Index, rows);
        var item = new StageItem
        {
            Scope = Query,
            Task = task.Index,
            Variant = variant.Index,
            ParentTask = parent,
            ParentStart = reply.ParentStart,
            ParentRow = reply.ParentRow,
            Fork = _forks.GetValueOrDefault((parent, reply.ParentStart)),
            Credit = reply.Credit,
            Key = reply.ItemKey,
            Accuracy = reply.Accuracy,
            QueuedUs = reply.QueuedUs,
            ComputedUs = reply.ComputedUs,
        };
        if (_hasJoins)
            Book(item, rows, tensor, reply, children);
        else
            Query.Report(item, rows, tensor, reply.Children);
        return true;
    }

    private void Uncount()
    {
        if (Interlocked.Exchange(ref _unanswered, null) is { } unanswered)
            unanswered.Remove(Query.Pipeline);
    }

    /// <summary>Updates the joins once for each answer that counts, after its parent, so that each join is sent once.</summary>
    private void Book(StageItem item, OutputRow[] rows, RowTensor? tensor, StageReply reply, List<(int Edge, int Row)> children)
    {
        var (inner, parts) = Passages.Of(pipeline, item.Task, item.Credit, item.Fork, rows, tensor, children, item.Key);
        if (parts.Count != reply.Children)
        {
            throw new FormatException(
                $"Task {pipeline.Name}/{reply.Task} divided its answer into {reply.Children} parts, here it has {parts.Count}: all must have the same pipeline files.");
        }

        _forks[(item.Task, item.Credit.Start)] = inner;
        Query.Report(item, rows, tensor, parts.Count);
        foreach (var join in Query.Book(item, inner, parts))
            sendJoin(join);
    }

    private PipelineTask Task(string name) =>
        pipeline.FindTask(name) ?? throw new FormatException($"Task {pipeline.Name}/{name} is not known here.");
}
