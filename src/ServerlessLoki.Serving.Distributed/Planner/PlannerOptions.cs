namespace ServerlessLoki.Serving.Distributed.Planner;

/// <summary>Settings of a <see cref="PlannerCycle"/>.</summary>
public sealed record PlannerOptions
{
    /// <summary>Who plans, for people. Default: random.</summary>
    public string Id { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>Policy name. Default <c>unified</c>.</summary>
    public string Policy { get; init; } = Planning.PlanningPolicies.Default;

    /// <summary>Forecaster, as <c>Forecasters</c> reads it. Default: the embedded host's.</summary>
    public string Forecaster { get; init; } = Forecasting.Forecasters.Default;

    /// <summary>Planned load stays below this share of capacity. Default 0.8.</summary>
    public double Utilization { get; init; } = 0.8;

    /// <summary>Largest batch. Default 16 rows.</summary>
    public int MaxBatch { get; init; } = 16;

    /// <summary>Time limit of each solve. Default 500 ms.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Stop a solve when it is proven this close to the best. Default 0.002: a fifth of a point of accuracy.</summary>
    public double RelativeGap { get; init; } = 0.002;

    /// <summary>How far back demand and reports are read to forecast. Default 120 s.</summary>
    public TimeSpan History { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How long the queue of a variant that left the plan is kept, for what comes late. Default 10 minutes.</summary>
    public TimeSpan RetireAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Slots of each device type that are kept however low the demand; a fleet may keep more. 0 = none while nobody asks. Default 1.</summary>
    public int LeastSlots { get; init; } = 1;
}
