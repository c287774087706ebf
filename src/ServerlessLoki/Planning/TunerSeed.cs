using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Planning;

/// <summary>State that a planner leaves to the tuner, which scales the plan until the next planning (InferLine, inputs).</summary>
/// <param name="Pipelines">Seed of each pipeline.</param>
/// <param name="Devices">Device types that were planned for.</param>
public sealed record TunerSeed(ImmutableArray<PipelineSeed> Pipelines, ImmutableArray<DeviceType> Devices) : PolicyState
{
    internal override bool IsTuned => true;
}

/// <summary>Seed of one pipeline in a <see cref="TunerSeed"/>.</summary>
public sealed record PipelineSeed
{
    /// <summary>Time of the planning, on the clock of <see cref="ArrivalWindow.NowUs"/>, microseconds; null = before that clock
    /// started.</summary>
    public long? PlannedUs { get; init; }

    /// <summary>Time of the last change of replicas, on the same clock, microseconds.</summary>
    public long? ChangedUs { get; init; }

    /// <summary>True while the sample consists of generated arrivals, because too few real ones were seen.</summary>
    public bool IsProvisional { get; init; }

    /// <summary>λ: mean rate of the sample that was planned for, queries per second.</summary>
    public required double RateQps { get; init; }

    /// <summary>Highest rate that was planned for where the cluster cannot serve all, queries per second; null = no limit.</summary>
    public double? LimitQps { get; init; }

    /// <summary>Envelope of the sample, with windows from the service time up to the sample's length or 60 s.</summary>
    public required TrafficEnvelope Envelope { get; init; }

    /// <summary>Estimate of the planner for the 99th percentile of latency, microseconds.</summary>
    public double P99Us { get; init; }

    /// <summary>Steps of the planner, in words.</summary>
    public ImmutableArray<string> Steps { get; init; } = [];

    /// <summary>Stages by task; empty when the pipeline cannot be served.</summary>
    public required ImmutableArray<StageSeed> Stages { get; init; }
}

/// <summary>One stage as planned, and as tuned since.</summary>
/// <param name="Variant">Variant index.</param>
/// <param name="Device">Device type index.</param>
/// <param name="Batch">Largest batch, rows.</param>
/// <param name="Planned">Replicas in the plan; at least 1.</param>
/// <param name="Replicas">Replicas wanted now; the cluster may have fewer.</param>
/// <param name="ReplicaQps">μ: rows per second of one replica.</param>
/// <param name="ScaleFactor">s: rows per query of the pipeline.</param>
public sealed record StageSeed(int Variant, int Device, int Batch, int Planned, int Replicas, double ReplicaQps, double ScaleFactor)
{
    /// <summary>ρ = λ·s / (k·μ), the max-provisioning ratio: load that the planner left in the stage (InferLine, Tuner, scaling up).</summary>
    /// <param name="rateQps">λ of the sample.</param>
    public double Ratio(double rateQps) => rateQps * ScaleFactor / (Planned * ReplicaQps);
}
