using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Planning;

/// <summary>What a planner leaves to the tuner that scales its plan until the next planning (InferLine, inputs).</summary>
/// <param name="Pipelines">By pipeline.</param>
/// <param name="Devices">The cluster that was planned for.</param>
public sealed record TunerSeed(ImmutableArray<PipelineSeed> Pipelines, ImmutableArray<DeviceType> Devices) : PolicyState
{
    internal override bool IsTuned => true;
}

/// <summary>One pipeline's part of a <see cref="TunerSeed"/>.</summary>
public sealed record PipelineSeed
{
    /// <summary>When it was planned, on the clock of <see cref="ArrivalWindow.NowUs"/>; null = before that clock ran.</summary>
    public long? PlannedUs { get; init; }

    /// <summary>When its replicas were changed last, on the same clock.</summary>
    public long? ChangedUs { get; init; }

    /// <summary>True while the sample was made up for want of arrivals.</summary>
    public bool IsProvisional { get; init; }

    /// <summary>λ: mean rate of the sample that was planned for, queries per second.</summary>
    public required double RateQps { get; init; }

    /// <summary>The rate that was planned for at most, where the cluster cannot serve all; null = no limit.</summary>
    public double? LimitQps { get; init; }

    /// <summary>The sample's envelope, windows from the service time up to the sample's length or 60 s.</summary>
    public required TrafficEnvelope Envelope { get; init; }

    /// <summary>The planner's estimate, microseconds.</summary>
    public double P99Us { get; init; }

    /// <summary>What the planner did, in words.</summary>
    public ImmutableArray<string> Steps { get; init; } = [];

    /// <summary>By task; empty when the pipeline cannot be served.</summary>
    public required ImmutableArray<StageSeed> Stages { get; init; }
}

/// <summary>One stage as planned, and as tuned since.</summary>
/// <param name="Variant">Variant index.</param>
/// <param name="Device">Device type index.</param>
/// <param name="Batch">Largest batch.</param>
/// <param name="Planned">Replicas of the plan; at least 1.</param>
/// <param name="Replicas">Replicas wanted now; the cluster may have fewer.</param>
/// <param name="ReplicaQps">μ: rows per second of one replica.</param>
/// <param name="ScaleFactor">s: rows per query of the pipeline.</param>
public sealed record StageSeed(int Variant, int Device, int Batch, int Planned, int Replicas, double ReplicaQps, double ScaleFactor)
{
    /// <summary>ρ = λ·s / (k·μ), the max-provisioning ratio: load that the planner left in the stage (InferLine, Tuner, scaling up).</summary>
    /// <param name="rateQps">λ of the sample.</param>
    public double Ratio(double rateQps) => rateQps * ScaleFactor / (Planned * ReplicaQps);
}
