using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>State of a run's joins, computed from its answers only.</summary>
internal sealed class RunBooks
{
    private readonly Dictionary<(int Task, UInt128 Start), StageReply> _answers = [];

    private RunBooks()
    {
    }

    /// <summary>Weight that has returned.</summary>
    public UInt128 Returned { get; private set; }

    /// <summary>Answers that have no children and arrived at no join.</summary>
    public List<StageReply> Leaves { get; } = [];

    /// <summary>Joins for which everything has arrived and that have not answered.</summary>
    public List<ReadyJoin> Ready { get; private set; } = [];

    /// <exception cref="FormatException">An answer is of another pipeline.</exception>
    public static RunBooks Of(Pipeline pipeline, TransformRegistry transforms, IReadOnlyList<StageReply> replies, IReadOnlyList<RowTensor?> tensors)
    {
        var (books, ledger, edges) = (new RunBooks(), new JoinLedger(pipeline), PreparedEdges.Of(pipeline, transforms));
        var forks = new Dictionary<(int Task, UInt128 Start), Fork?>();
        // Topological order: parents first.
        foreach (var (task, reply, tensor) in replies.Select((r, i) => (Task: TaskOf(pipeline, r.Task), Reply: r, Tensor: tensors[i])).OrderBy(a => a.Task.Index))
        {
            var rows = ImmutableCollectionsMarshal.AsArray(reply.Rows) ?? [];
            var children = new List<(int Edge, int Row)>();
            foreach (var edge in task.Outgoing)
                Children.Add(task, edges[edge.Index], rows, children);
            var outer = reply.ParentTask is { } parent ? forks.GetValueOrDefault((TaskOf(pipeline, parent).Index, reply.ParentStart)) : null;
            var (inner, parts) = Passages.Of(pipeline, task.Index, reply.Credit, outer, rows, tensor, children);
            forks[(task.Index, reply.Credit.Start)] = inner;
            books._answers[(task.Index, reply.Credit.Start)] = reply;
            books.Returned += ledger.Book(Item(task, reply, outer), inner, parts, books.Ready);
            if (parts.Count > 0)
                continue;
            books.Returned += reply.Credit.Length;
            books.Leaves.Add(reply);
        }

        books.Ready = [.. books.Ready.Where(j => !books._answers.ContainsKey((j.Task, j.Credit.Start))).OrderBy(j => j.Task).ThenBy(j => j.Credit.Start)];
        return books;
    }

    /// <summary>Returns the answer of the item whose branches a join joins.</summary>
    public StageReply ForkOf(ReadyJoin join) => _answers[(join.Fork.Task, join.Fork.Credit.Start)];

    private static StageItem Item(PipelineTask task, StageReply reply, Fork? fork) => new()
    {
        Scope = RunScope.Instance,
        Task = task.Index,
        Variant = task.Variants.FirstOrDefault(v => v.Name == reply.Variant)?.Index
            ?? throw new FormatException($"Variant {reply.Pipeline}/{reply.Task}/{reply.Variant} is not known here."),
        Fork = fork,
        Credit = reply.Credit,
        Accuracy = reply.Accuracy,
        QueuedUs = reply.QueuedUs,
        ComputedUs = reply.ComputedUs,
    };

    private static PipelineTask TaskOf(Pipeline pipeline, string name) =>
        pipeline.FindTask(name) ?? throw new FormatException($"Task {pipeline.Name}/{name} is not known here.");

    /// <summary>Scope for items of a run, which only computes the joins' accounts: no item is served here.</summary>
    private sealed class RunScope : QueryScope
    {
        public static readonly RunScope Instance = new() { Pipeline = -1, ArrivalUs = 0, DeadlineUs = long.MaxValue, OrderUs = 0 };

        public override QueryInput? Input => null;

        public override bool HasEnded => false;

        public override void Report(StageItem item, OutputRow[] rows, RowTensor? tensor, int children) => throw new NotSupportedException("A run's items are served by workers.");

        public override void Fail(QueryOutcome outcome, string error, TimeSpan? retryAfter = null) => throw new NotSupportedException("A run's items are served by workers.");

        protected override void FreeInput()
        {
        }
    }
}
