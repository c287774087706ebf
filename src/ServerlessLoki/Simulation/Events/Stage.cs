using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Variant of a task with its queue, and the pools that serve it, fastest device first.</summary>
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

    /// <summary>Counts the rows that are due no later than a given deadline.</summary>
    public int CountBefore(long deadlineUs) => Queue.Count - Queue.CountAfter(deadlineUs);

    /// <summary>Graph of the pipeline where its branches meet in joins; null for most.</summary>
    public Pipeline? JoinGraph { get; init; }

    /// <summary>Cores of each replica where the profile fixes them; null = the plan decides.</summary>
    public int? FixedCores { get; init; }

    public bool HasFixedCores => FixedCores is not null;

    /// <summary>Slots that one worker takes.</summary>
    public int SlotsPerWorker => FixedCores ?? 1;

    /// <summary>Pools by device type; null where the variant never ran.</summary>
    public Pool?[] ByDevice = [];

    /// <summary>Pools with workers or a place in the plan, fastest first.</summary>
    public Pool[] Pools = [];
    public int Workers;

    /// <summary>Time since which rows wait for further rows, microseconds; null while none do.</summary>
    public long? WaitingSinceUs;
    public long RowsServed;
    public long Batches;
    public long RowsGivenUp;

    /// <summary>Rows per microsecond of all workers together at full batches.</summary>
    public double RowsPerUs;

    /// <summary>True when no device of the stage is shared between slots.</summary>
    public bool IsDedicated;
    public bool IsTouched;
}

/// <summary>Edge as one parent variant sees it.</summary>
internal sealed class OutEdge(int edge, int childTask, int childBase, double mean, ImmutableArray<int>? recorded)
{
    public readonly int Edge = edge;
    public readonly int ChildTask = childTask;

    /// <summary>Stage index of the child task's first variant.</summary>
    public readonly int ChildBase = childBase;

    /// <summary>Real mean of child queries per query.</summary>
    public readonly double Mean = mean;

    /// <summary>Children of each recorded parent; null = drawn from the mean.</summary>
    public readonly ImmutableArray<int>? Recorded = recorded;

    /// <summary>Variance of the child queries of one query; null = as <see cref="SimulationOptions.FanOut"/> draws them.</summary>
    public double? Variance { get; init; }
    public long Parents;
    public long Children;
    public long Squares;
}
