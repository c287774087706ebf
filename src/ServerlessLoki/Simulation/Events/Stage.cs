using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Simulation.Events;

/// <summary>One variant of one task: its queue, and the pools that serve it, fastest device first.</summary>
internal sealed class Stage(int index, int pipeline, int task, int variant, double accuracy, UInt128 pathBit, OutEdge[] outgoing)
{
    public readonly int Index = index;
    public readonly int Pipeline = pipeline;
    public readonly int Task = task;
    public readonly int Variant = variant;
    public readonly double Accuracy = accuracy;
    public readonly UInt128 PathBit = pathBit;
    public readonly OutEdge[] Outgoing = outgoing;
    public readonly RowQueue Queue = new();

    /// <summary>Rows that stand before a query which is due at a moment.</summary>
    public int CountBefore(long deadlineUs) => Queue.Count - Queue.CountAfter(deadlineUs);

    /// <summary>The pipeline's graph where branches of it meet in joins; null for most.</summary>
    public Pipeline? JoinGraph { get; init; }

    /// <summary>Cores of each replica where they are fixed; null = the plan says.</summary>
    public int? FixedCores { get; init; }

    public bool HasFixedCores => FixedCores is not null;

    /// <summary>Slots that one worker takes.</summary>
    public int SlotsPerWorker => FixedCores ?? 1;

    /// <summary>By device type; null where it never ran.</summary>
    public Pool?[] ByDevice = [];

    /// <summary>Those with workers or a place in the plan, fastest first.</summary>
    public Pool[] Pools = [];
    public int Workers;

    /// <summary>Since when rows wait for company; null while none do.</summary>
    public long? WaitingSinceUs;
    public long RowsServed;
    public long Batches;
    public long RowsGivenUp;

    /// <summary>Rows per microsecond of all workers at full batches.</summary>
    public double RowsPerUs;

    /// <summary>True when none of its devices is shared between slots.</summary>
    public bool IsDedicated;
    public bool IsTouched;
}

/// <summary>An edge as one parent variant sees it.</summary>
internal sealed class OutEdge(int edge, int childTask, int childBase, double mean, ImmutableArray<int>? recorded)
{
    public readonly int Edge = edge;
    public readonly int ChildTask = childTask;

    /// <summary>Stage index of the child task's first variant.</summary>
    public readonly int ChildBase = childBase;

    /// <summary>Child queries per query, as they really are.</summary>
    public readonly double Mean = mean;

    /// <summary>Children of each recorded parent; null = drawn from the mean.</summary>
    public readonly ImmutableArray<int>? Recorded = recorded;

    /// <summary>Variance of the child queries of one query; null = as <see cref="SimulationOptions.FanOut"/> draws them.</summary>
    public double? Variance { get; init; }
    public long Parents;
    public long Children;
    public long Squares;
}
