using System.Collections.Immutable;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>What a worker says about itself every second: the sample of series <see cref="Series"/>, source = worker id.</summary>
public sealed record WorkerReport
{
    /// <summary>Name of the series in <see cref="IStateStore"/>.</summary>
    public const string Series = "workers";

    /// <summary>Begin of the places by which workers register: <c>worker/DEVICE/ID</c>.</summary>
    public const string LeasePrefix = "worker/";

    /// <summary>Worker id.</summary>
    public required string Worker { get; init; }

    /// <summary>Device type of all its slots.</summary>
    public required string Device { get; init; }

    /// <summary>Places for variants.</summary>
    public required int Slots { get; init; }

    /// <summary>Execution provider in use, for example <c>cpu</c>; null before anything was loaded.</summary>
    public string? Provider { get; init; }

    /// <summary>Version of the plan that it follows; 0 before the first.</summary>
    public long PlanVersion { get; init; }

    /// <summary>What it serves by plan: loaded, warm and listening.</summary>
    public ImmutableArray<ServedVariant> Serving { get; init; } = [];

    /// <summary>What its batches took in the last second, microseconds.</summary>
    public double ActualUs { get; init; }

    /// <summary>What the profile says that they take, microseconds.</summary>
    public double ExpectedUs { get; init; }

    /// <summary>How many batches that were; 0 where they were not counted.</summary>
    public long Batches { get; init; }

    /// <summary>See <see cref="Forecasting.BatchTimes.LogUs"/>.</summary>
    public double LogUs { get; init; }

    /// <summary>See <see cref="Forecasting.BatchTimes.SquaredLogUs"/>.</summary>
    public double SquaredLogUs { get; init; }

    /// <summary>How long its slots load and warm a variant, as seen lately, microseconds; 0 before the first.</summary>
    public double LoadUs { get; init; }

    /// <summary>What goes wrong; null when nothing does.</summary>
    public string? Fault { get; init; }

    /// <summary>Variants that run one row at a time.</summary>
    public ImmutableArray<string> Held { get; init; } = [];

    /// <summary>Variants whose answers are not numbers: plans do without them.</summary>
    public ImmutableArray<string> Unfit { get; init; } = [];

    /// <summary>Its slots, for status pages.</summary>
    public ImmutableArray<SlotStatus> SlotStates { get; init; } = [];

    internal string ToJson() => StateJson.Write(this);
}

/// <summary>A variant that a worker serves.</summary>
/// <param name="Pipeline">Pipeline name.</param>
/// <param name="Task">Task name.</param>
/// <param name="Variant">Variant name.</param>
/// <param name="Replicas">Slots that run it.</param>
/// <param name="Queued">Rows that the worker has fetched and that wait for a batch.</param>
public sealed record ServedVariant(string Pipeline, string Task, string Variant, int Replicas, int Queued);
