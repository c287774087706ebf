using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>Constants of <see cref="InferLinePolicy"/> (InferLine, parameters).</summary>
public sealed record InferLineOptions
{
    /// <summary>Tune by how far the sample's envelope is exceeded instead of by the largest rate itself (6.2, second mode): the literal
    /// rule multiplies every stage as soon as one burst is larger than the sample's largest. Default false: the paper's rule.</summary>
    public bool Relative { get; init; }

    /// <summary>Excess over the envelope that the relative mode accepts, as a share; above 0. Default 0.5.</summary>
    public double Tolerance { get; init; } = 0.5;

    /// <summary>Largest growth of a stage in one step of the relative mode, as a factor; above 1. Default 2.</summary>
    public double StepLimit { get; init; } = 2;

    /// <summary>Time after a change, or after the envelope was exceeded, in which no replica is retired. Default 15 s.</summary>
    public TimeSpan StableTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time after which the planner runs again. Default an hour.</summary>
    public TimeSpan PlannerPeriod { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Change of scale factors or throughputs, as a share, from which the planner runs again; null = only by the clock, as in the
    /// paper. Default null; 0.25 in the relative mode that is registered.</summary>
    public double? DriftTolerance { get; init; }

    /// <summary>Number of the last arrivals that the planner replays. Default 5,000.</summary>
    public int SampleQueries { get; init; } = 5000;

    /// <summary>Most replicas of one stage in planning. Default 1,000.</summary>
    public int MaxReplicas { get; init; } = 1000;

    /// <summary>Settings that an exact search may try after the descent (5.4); 0 = none. Default 0.</summary>
    public int ExactSettings { get; init; }

    /// <summary>Time to reach a stage, for hosts with a broker between stages. Default 0.</summary>
    public TimeSpan HopLatency { get; init; }

    /// <summary>Variant to run by task name; tasks that are not named run the most accurate that can meet the objective.</summary>
    public ImmutableDictionary<string, string> Variants { get; init; } = ImmutableDictionary<string, string>.Empty;
}
