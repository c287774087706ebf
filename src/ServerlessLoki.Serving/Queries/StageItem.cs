namespace ServerlessLoki.Serving.Queries;

/// <summary>One input of one task on its way through a queue.</summary>
/// <remarks>The tensor is not in it: the batch fills the model's input straight from the query's image or the parent's output.</remarks>
public sealed class StageItem
{
    /// <summary>The query it belongs to.</summary>
    public required QueryScope Scope { get; init; }

    /// <summary>Task index in the pipeline.</summary>
    public required int Task { get; init; }

    /// <summary>Variant index in the task.</summary>
    public required int Variant { get; init; }

    /// <summary>Edge it came along, for a join that of its last arrival; −1 for the root and for direct inference.</summary>
    public int Edge { get; init; } = -1;

    /// <summary>Task of the parent item, for a join that of the item whose branches it joins; −1 for the root.</summary>
    public int ParentTask { get; init; } = -1;

    /// <summary>Start of the parent's credit, which with its task names the parent.</summary>
    public UInt128 ParentStart { get; init; }

    /// <summary>Row of the parent's output that this is about; the row of the request for direct inference; −1 for the root and for a join.</summary>
    public int ParentRow { get; init; } = -1;

    /// <summary>The parent's detection, for crops.</summary>
    public OutputRow Region { get; init; }

    /// <summary>The parent's raw output row, for tasks that hand tensors on; null otherwise.</summary>
    public RowTensor? Tensor { get; init; }

    /// <summary>What arrived, for a join; null for all others.</summary>
    public IReadOnlyList<JoinInput>? Inputs { get; init; }

    /// <summary>The innermost item whose branches meet again and from which this one comes; null = none.</summary>
    public Fork? Fork { get; init; }

    /// <summary>The share of the query's weight that it carries; see <see cref="Credit"/>.</summary>
    public Credit Credit { get; init; } = Credit.Whole;

    /// <summary>Names it in its query whatever variants were chosen; its random choices derive from it, see <see cref="Simulation.Traffic.ItemKeys"/>.</summary>
    public ulong Key { get; init; }

    /// <summary>Product of accuracies on the path, this variant included.</summary>
    public double Accuracy { get; init; } = 1;

    /// <summary>Sum of queue times on its path so far, microseconds; what a failed batch took counts as queueing.</summary>
    public long QueuedUs { get; set; }

    /// <summary>Sum of batch times on its path so far, microseconds.</summary>
    public long ComputedUs { get; set; }

    /// <summary>When it entered its queue, on the engine's clock, microseconds.</summary>
    public long EnqueuedUs { get; set; }

    /// <summary>How often it was handed out and given back.</summary>
    public int Attempts { get; set; }

    /// <summary>Its wait in the present queue ends, or begins again: adds it to <see cref="QueuedUs"/>.</summary>
    /// <returns>The wait, microseconds.</returns>
    internal long EndWait(long nowUs)
    {
        var waitedUs = nowUs - EnqueuedUs;
        QueuedUs += waitedUs;
        EnqueuedUs = nowUs;
        return waitedUs;
    }

    /// <summary>Times that its variant had left when it was sent.</summary>
    internal int Reroutes { get; set; }

    /// <summary>The same input for another variant of the task; what it has waited here goes with it.</summary>
    internal StageItem OnVariant(int variant, double accuracy, long nowUs) => new()
    {
        Scope = Scope,
        Task = Task,
        Variant = variant,
        Edge = Edge,
        ParentTask = ParentTask,
        ParentStart = ParentStart,
        ParentRow = ParentRow,
        Region = Region,
        Tensor = Tensor,
        Inputs = Inputs,
        Fork = Fork,
        Credit = Credit,
        Key = Key,
        Accuracy = accuracy,
        QueuedUs = QueuedUs + (nowUs - EnqueuedUs),
        ComputedUs = ComputedUs,
        Attempts = Attempts,
        Reroutes = Reroutes,
    };
}
