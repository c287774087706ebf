using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Dispatch;

namespace ServerlessLoki.Serving.Remote;

/// <summary>A query that workers serve and this process waits for: takes replies that come in any order and more than once, and
/// reports each answer to the query once, parents first.</summary>
/// <param name="query">Joins by credit, once it has only what belongs together.</param>
/// <param name="pipeline">Its graph.</param>
/// <param name="answered">Called for each answer that counts, with how it fanned out.</param>
internal sealed class RemoteQuery(QueryScope query, Pipeline pipeline, Action<int, int, OutputRow[]> answered) : Awaited(query)
{
    /// <summary>Answers that count, by task and start of credit, with their stamps.</summary>
    private readonly Dictionary<(int Task, UInt128 Start), ulong> _answers = [];
    private readonly List<StageReply> _early = [];
    private readonly Lock _gate = new();

    /// <summary>True before the first answer.</summary>
    public bool IsWaiting => _answers.Count == 0;

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

    /// <summary>True if it counted; else it was a repetition, of an answer that does not count, or came before its parent.</summary>
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
        var tensor = reply.Tensor is { } bytes ? Payloads.FloatsOf(bytes.Bytes) : null;
        if (_answers.ContainsKey((task.Index, reply.Credit.Start)))
            return false;
        if (reply.Failure is { } failure)
        {
            Query.Fail(failure.Outcome, failure.Error, failure.RetryAfter);
            return false;
        }

        var variant = task.Variants.FirstOrDefault(v => v.Name == reply.Variant)
            ?? throw new FormatException($"Variant {pipeline.Name}/{reply.Task}/{reply.Variant} is not known here.");
        _answers[(task.Index, reply.Credit.Start)] = AnswerStamp.Of(reply.Variant, rows, tensor);
        answered(task.Index, variant.Index, rows);
        Query.Report(
            new StageItem
            {
                Scope = Query,
                Task = task.Index,
                Variant = variant.Index,
                ParentTask = parent,
                ParentStart = reply.ParentStart,
                ParentRow = reply.ParentRow,
                Credit = reply.Credit,
                Accuracy = reply.Accuracy,
                QueuedUs = reply.QueuedUs,
                ComputedUs = reply.ComputedUs,
            },
            rows, tensor, reply.Children);
        return true;
    }

    private PipelineTask Task(string name) =>
        pipeline.FindTask(name) ?? throw new FormatException($"Task {pipeline.Name}/{name} is not known here.");
}
