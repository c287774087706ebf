using System.Collections.Immutable;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Report of a worker about itself every second: the sample of series <see cref="Series"/>, source = worker id.</summary>
public sealed record WorkerReport
{
    /// <summary>Name of the series in <see cref="IStateStore"/>.</summary>
    public const string Series = "workers";

    /// <summary>Prefix of the places by which workers register: <c>worker/DEVICE/ID</c>.</summary>
    public const string LeasePrefix = "worker/";

    /// <summary>Worker id.</summary>
    public required string Worker { get; init; }

    /// <summary>Device type of all slots of the worker.</summary>
    public required string Device { get; init; }

    /// <summary>Number of slots of the worker.</summary>
    public required int Slots { get; init; }

    /// <summary>Share of the profiled device that one slot gets, above 0 up to 1.</summary>
    public double SlotShare { get; init; } = 1;

    /// <summary>Place of the machine, for example a rack, for operators; null where none was given.</summary>
    public string? Zone { get; init; }

    /// <summary>Execution provider in use, for example <c>cpu</c>; null before anything was loaded.</summary>
    public string? Provider { get; init; }

    /// <summary>Version of the plan that the worker follows; 0 before the first.</summary>
    public long PlanVersion { get; init; }

    /// <summary>Variants that the worker serves by plan: loaded, warm and receiving.</summary>
    public ImmutableArray<ServedVariant> Serving { get; init; } = [];

    /// <summary>Time of the worker's batches in the last second, microseconds.</summary>
    public double ActualUs { get; init; }

    /// <summary>Time of the same batches by the profile, microseconds.</summary>
    public double ExpectedUs { get; init; }

    /// <summary>How many batches that were; 0 where they were not counted.</summary>
    public long Batches { get; init; }

    /// <summary>See <see cref="Forecasting.BatchTimes.LogUs"/>.</summary>
    public double LogUs { get; init; }

    /// <summary>See <see cref="Forecasting.BatchTimes.SquaredLogUs"/>.</summary>
    public double SquaredLogUs { get; init; }

    /// <summary>How long its slots load and warm a variant, as seen lately, microseconds; 0 before the first.</summary>
    public double LoadUs { get; init; }

    /// <summary>Current fault of the worker; null when there is none.</summary>
    public string? Fault { get; init; }

    /// <summary>Variants that run one row at a time.</summary>
    public ImmutableArray<string> Held { get; init; } = [];

    /// <summary>Variants whose answers are NaN or infinite: plans leave them out.</summary>
    public ImmutableArray<string> Unfit { get; init; } = [];

    /// <summary>State of the worker's slots, for status pages.</summary>
    public ImmutableArray<SlotStatus> SlotStates { get; init; } = [];

    internal string ToJson() => StateJson.Write(this);
}

/// <summary>Variant that a worker serves.</summary>
/// <param name="Pipeline">Pipeline name.</param>
/// <param name="Task">Task name.</param>
/// <param name="Variant">Variant name.</param>
/// <param name="Replicas">Slots that run it.</param>
/// <param name="Queued">Rows that the worker has fetched and that wait for a batch.</param>
public sealed record ServedVariant(string Pipeline, string Task, string Variant, int Replicas, int Queued);
