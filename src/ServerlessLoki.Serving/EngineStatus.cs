using System.Collections.Immutable;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving;

/// <summary>What <c>GET /status</c> shows: a snapshot.</summary>
/// <param name="Ready">True when every task has a loaded variant.</param>
/// <param name="Uptime">Since the start.</param>
/// <param name="Policy">Policy in force.</param>
/// <param name="PlanVersion">Version of the plan in force; 0 before the first.</param>
/// <param name="LastFault">The last thing that went wrong in planning or loading and what was kept instead; null if nothing.</param>
/// <param name="Pipelines">Per pipeline.</param>
/// <param name="Slots">Per slot.</param>
public sealed record EngineStatus(
    bool Ready, TimeSpan Uptime, string Policy, long PlanVersion, string? LastFault,
    ImmutableArray<PipelineStatus> Pipelines, ImmutableArray<SlotStatus> Slots)
{
    /// <summary>Where the scaling of each device type stands; empty for a fixed box.</summary>
    public ImmutableArray<FleetStatus> Fleet { get; init; } = [];
}

/// <summary>One pipeline's last second.</summary>
/// <param name="Name">Pipeline name.</param>
/// <param name="SloMs">Latency objective, milliseconds.</param>
/// <param name="DemandQps">Arrivals in the last second, rejected ones included.</param>
/// <param name="ForecastQps">Demand the plan was made for.</param>
/// <param name="ServedQps">Completed in the last second, each within its own deadline.</param>
/// <param name="Pending">Admitted and not ended.</param>
/// <param name="PlannedAccuracy">The plan's expected accuracy, 0..1.</param>
/// <param name="MeasuredAccuracy">Mean expected accuracy of the last second's answers; null without any.</param>
/// <param name="Tasks">Per task: which variants have queues and how long they are.</param>
public sealed record PipelineStatus(
    string Name, double SloMs, double DemandQps, double ForecastQps, double ServedQps, long Pending,
    double PlannedAccuracy, double? MeasuredAccuracy, ImmutableArray<TaskStatusInfo> Tasks)
{
    /// <summary>Of those completed in the last second, per second: after the SLO, within the longer time that they had asked for.</summary>
    public double BeyondSloQps { get; init; }
}

/// <summary>One task.</summary>
/// <param name="Name">Task name.</param>
/// <param name="Queued">Rows waiting, by variant name; only variants in use.</param>
/// <param name="Why">Why these variants, one sentence.</param>
public sealed record TaskStatusInfo(string Name, ImmutableSortedDictionary<string, int> Queued, string Why)
{
    /// <summary>Its variants, in the order of the file.</summary>
    public ImmutableArray<VariantStatus> Variants { get; init; } = [];
}

/// <summary>One variant: what its rows came to since the start, and what it cannot do.</summary>
/// <param name="Name">Variant name.</param>
public sealed record VariantStatus(string Name)
{
    /// <summary>Why it runs one row at a time; null where it takes batches.</summary>
    public string? HeldBecause { get; init; }

    /// <summary>Why plans do without it at present; null where they do not.</summary>
    public string? Fault { get; init; }

    /// <summary>Rows that were computed and handed on.</summary>
    public long Rows { get; init; }

    /// <summary>Rows that ended without an answer for a fault of the server.</summary>
    public long FailedRows { get; init; }

    /// <summary>Rows that the model cannot compute: the fault is in the query's data.</summary>
    public long RefusedRows { get; init; }

    /// <summary>Rows that the model answered with values that are not numbers.</summary>
    public long NonFiniteRows { get; init; }
}

/// <summary>One slot.</summary>
/// <param name="Id">Slot id, for example <c>cpu/3</c>.</param>
/// <param name="State"><c>idle</c>, <c>busy</c>, <c>loading</c>, <c>draining</c>, <c>failed</c> or <c>free</c>.</param>
/// <param name="Variant">Variant it runs; null when free.</param>
/// <param name="Batch">Largest batch.</param>
/// <param name="Provider">Execution provider in use, for example <c>cpu</c>.</param>
/// <param name="Fault">Why it failed; null otherwise.</param>
public sealed record SlotStatus(string Id, string State, string? Variant, int Batch, string? Provider, string? Fault)
{
    /// <summary>Why the provider that was asked for is not in use; null if it is.</summary>
    public string? ProviderFallback { get; init; }
}
