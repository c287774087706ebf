namespace ServerlessLoki.Planning;

/// <summary>Knobs that every policy understands.</summary>
public sealed record PlanningOptions
{
    /// <summary>Planned load stays below this share of capacity; above 0 up to 1. Default 1 (the papers').</summary>
    public double Utilization { get; init; } = 1;

    /// <summary>Share of the SLO that processing may use, the rest is queueing; Loki, latency constraint. Default 0.5.</summary>
    public double ProcessingShare { get; init; } = 0.5;

    /// <summary>Factor β on the fan-out (slack downstream); at least 1. Loki, head-room. Default 1.</summary>
    public double FanOutHeadroom { get; init; } = 1;

    /// <summary>Largest batch a plan may choose; null = largest profiled.</summary>
    public int? MaxBatch { get; init; }

    /// <summary>Give slots that the plan leaves over to the variants with the highest load per capacity, which only lowers
    /// latency. Default false (the papers': free slots stay free); a host whose slots cost nothing sets it.</summary>
    public bool FillLeftover { get; init; }

    /// <summary>Trade accuracy for cost by these weights instead of accuracy first, cost second; null = do not. Only <c>unified</c> looks at it,
    /// and only while all demand can be served.</summary>
    public ObjectiveWeights? Objective { get; init; }

    /// <summary>Time limit of each solve; a plan takes one to six, an overloaded one the most. For <c>unified</c> that of a whole plan. Default
    /// 500 ms.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Most branch-and-bound nodes of one solve; null = no limit. Keeps plans repeatable where a clock would not.
    /// Default 20,000.</summary>
    public long? NodeLimit { get; init; } = 20_000;

    /// <summary>Stop a solve when the plan is proven this close to the best, relative. Default 1e-6 (exact for people); a host
    /// that plans every second may set 1e-3 and save most of the search.</summary>
    public double RelativeGap { get; init; } = 1e-6;
}
