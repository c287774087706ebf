namespace ServerlessLoki.Serving.Queries;

/// <summary>Input of a task on its way through a queue.</summary>
/// <remarks>The item does not contain the tensor: the batch fills the model's input straight from the query's image or the parent's
/// output.</remarks>
public sealed class StageItem
{
    private int _variant;
    private double _accuracy = 1;

    /// <summary>Query that the item belongs to.</summary>
    public required QueryScope Scope { get; init; }

    /// <summary>Task index in the pipeline.</summary>
    public required int Task { get; init; }

    /// <summary>Variant index in the task: of the queue, and once its batch begins of the one that runs.</summary>
    public required int Variant
    {
        get => _variant;
        init => _variant = value;
    }

    /// <summary>Edge of the item's arrival, for a join that of its last arrival; −1 for the root and for direct inference.</summary>
    public int Edge { get; init; } = -1;

    /// <summary>Task of the parent item, for a join that of the item whose branches it joins; −1 for the root.</summary>
    public int ParentTask { get; init; } = -1;

    /// <summary>Start of the parent's credit, which identifies the parent together with its task.</summary>
    public UInt128 ParentStart { get; init; }

    /// <summary>Row of the parent's output that the item is about; the row of the request for direct inference; −1 for the root and for a
    /// join.</summary>
    public int ParentRow { get; init; } = -1;

    /// <summary>The parent's detection, for crops.</summary>
    public OutputRow Region { get; init; }

    /// <summary>The parent's raw output row, for tasks that hand tensors on; null otherwise.</summary>
    public RowTensor? Tensor { get; init; }

    /// <summary>Arrivals of a join; null for all other items.</summary>
    public IReadOnlyList<JoinInput>? Inputs { get; init; }

    /// <summary>Innermost item whose branches meet again and which this item descends from; null = none.</summary>
    public Fork? Fork { get; init; }

    /// <summary>Share of the query's weight that the item carries; see <see cref="Credit"/>.</summary>
    public Credit Credit { get; init; } = Credit.Whole;

    /// <summary>Key of the item in its query, independent of the chosen variants; its random choices derive from it, see
    /// <see cref="Simulation.Traffic.ItemKeys"/>.</summary>
    public ulong Key { get; init; }

    /// <summary>Product of accuracies on the path, this variant included.</summary>
    public double Accuracy
    {
        get => _accuracy;
        init => _accuracy = value;
    }

    /// <summary>Sum of queue times on the item's path so far, microseconds; the time of a failed batch counts as queueing.</summary>
    public long QueuedUs { get; set; }

    /// <summary>Sum of batch times on the item's path so far, microseconds.</summary>
    public long ComputedUs { get; set; }

    /// <summary>Time when the item entered its queue, on the engine's clock, microseconds.</summary>
    public long EnqueuedUs { get; set; }

    /// <summary>Number of times that the item was handed out and returned.</summary>
    public int Attempts { get; set; }

    /// <summary>Ends the wait in the current queue, or starts it again: adds the wait to <see cref="QueuedUs"/>.</summary>
    /// <returns>Length of the wait, microseconds.</returns>
    internal long EndWait(long nowUs)
    {
        var waitedUs = nowUs - EnqueuedUs;
        QueuedUs += waitedUs;
        EnqueuedUs = nowUs;
        return waitedUs;
    }

    /// <summary>Number of times that the item's variant had left when the item was sent.</summary>
    internal int Reroutes { get; set; }

    /// <summary>Says which variant runs the item, where the slots of its queue hold several.</summary>
    internal void RunsOn(int variant, double accuracy) => (_variant, _accuracy) = (variant, accuracy);

    /// <summary>Makes the same item for another variant of the task; its waiting time so far is kept.</summary>
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
