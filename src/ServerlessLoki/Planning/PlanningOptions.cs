namespace ServerlessLoki.Planning;

/// <summary>Options that every policy understands.</summary>
public sealed record PlanningOptions
{
    /// <summary>Largest planned load as a share of capacity; above 0 up to 1. Default 1, as in the papers.</summary>
    public double Utilization { get; init; } = 1;

    /// <summary>Share of the SLO that processing may use, 0..1; the rest is for queueing (Loki, latency constraint). Default 0.5.</summary>
    public double ProcessingShare { get; init; } = 0.5;

    /// <summary>Head-room factor β on the fan-out, for slack downstream; at least 1 (Loki, head-room). Default 1.</summary>
    public double FanOutHeadroom { get; init; } = 1;

    /// <summary>Largest batch a plan may choose; null = largest profiled.</summary>
    public int? MaxBatch { get; init; }

    /// <summary>True = give slots that the plan leaves over to the variants with the highest load per capacity, which only lowers latency.
    /// Default false: free slots stay free, as in the papers. A host whose slots cost nothing sets it.</summary>
    public bool FillLeftover { get; init; }

    /// <summary>Weights to trade accuracy for cost; null = accuracy first, cost second. Read only by <c>unified</c>, and only while all
    /// demand can be served.</summary>
    public ObjectiveWeights? Objective { get; init; }

    /// <summary>Time limit of each solve. A plan takes one to six solves, an overloaded one the most. For <c>unified</c> the limit is that
    /// of a whole plan. Default 500 ms.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Most branch-and-bound nodes of one solve; null = no limit. Plans limited by nodes are repeatable; plans limited by time are
    /// not. Default 20,000.</summary>
    public long? NodeLimit { get; init; } = 20_000;

    /// <summary>Relative gap to the bound at which a solve stops. Default 1e-6, which is exact for practical purposes; a host that plans
    /// every second may set 1e-3 and save most of the search.</summary>
    public double RelativeGap { get; init; } = 1e-6;
}
