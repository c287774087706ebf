using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Join of the answers of a run, with the same result as the engine's own join.</summary>
internal static class RunAnswers
{
    /// <param name="pipeline">Pipeline of the run.</param>
    /// <param name="transforms">Stage transforms by name.</param>
    /// <param name="id">Id of the run.</param>
    /// <param name="replies">Replies of the stages, one for each, in any order, none failed.</param>
    /// <param name="tensors">Raw row of each reply that has one.</param>
    /// <param name="latency">Time from acceptance to now.</param>
    /// <param name="planVersion">Version of the plan that began the run.</param>
    /// <exception cref="FormatException">Credit is missing, or an answer has no parent: an answer was lost.</exception>
    public static QueryResult Join(
        Pipeline pipeline, TransformRegistry transforms, string id, IReadOnlyList<StageReply> replies, IReadOnlyList<RowTensor?> tensors, TimeSpan latency, long planVersion)
    {
        // Topological task order, then credit order: the same answer whatever the timing was.
        var ordered = replies.Select((reply, i) => (Task: TaskOf(pipeline, reply.Task), Reply: reply, Tensor: tensors[i]))
            .OrderBy(a => a.Task.Index).ThenBy(a => a.Reply.Credit.Start).ToArray();
        var position = new Dictionary<(string Task, UInt128 Start), int>(ordered.Length);
        var answers = new StageAnswer[ordered.Length];
        for (var i = 0; i < ordered.Length; i++)
        {
            var (task, reply, tensor) = ordered[i];
            position.Add((reply.Task, reply.Credit.Start), i);
            var parent = -1;
            if (reply.ParentTask is not null && !position.TryGetValue((reply.ParentTask, reply.ParentStart), out parent))
                throw new FormatException($"The answer of {reply.Task} at {reply.Credit.Start:x} has no parent among the answers.");
            var variant = task.Variants.FirstOrDefault(v => v.Name == reply.Variant)
                ?? throw new FormatException($"Variant {pipeline.Name}/{reply.Task}/{reply.Variant} is not known here.");
            answers[i] = new StageAnswer(task.Index, variant.Index, parent, reply.ParentRow, ImmutableCollectionsMarshal.AsArray(reply.Rows) ?? [], tensor);
        }

        var books = RunBooks.Of(pipeline, transforms, replies, tensors);
        var leaves = books.Leaves;
        if (books.Returned != Credit.Whole.Length)
            throw new FormatException($"The answers return {books.Returned:x} of {Credit.Whole.Length:x} units of credit.");
        return new QueryResult
        {
            Id = id,
            Outcome = QueryOutcome.Completed,
            Answers = answers,
            Accuracy = leaves.Average(l => l.Accuracy),
            Latency = latency,
            Queued = TimeSpan.FromMicroseconds(leaves.Max(l => l.QueuedUs)),
            Computed = TimeSpan.FromMicroseconds(leaves.Max(l => l.ComputedUs)),
            PlanVersion = planVersion,
        };
    }

    private static PipelineTask TaskOf(Pipeline pipeline, string name) =>
        pipeline.FindTask(name) ?? throw new FormatException($"Task {pipeline.Name}/{name} is not known here.");
}
