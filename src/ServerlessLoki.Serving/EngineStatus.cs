using System.Collections.Immutable;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving;

/// <summary>Snapshot that <c>GET /status</c> shows.</summary>
/// <param name="Ready">True when every task has a loaded variant.</param>
/// <param name="Uptime">Time since the start.</param>
/// <param name="Policy">Policy in force.</param>
/// <param name="PlanVersion">Version of the plan in force; 0 before the first.</param>
/// <param name="LastFault">Last fault in planning or loading and what was kept instead; null if there is none.</param>
/// <param name="Pipelines">Status of each pipeline.</param>
/// <param name="Slots">Status of each slot.</param>
public sealed record EngineStatus(
    bool Ready, TimeSpan Uptime, string Policy, long PlanVersion, string? LastFault,
    ImmutableArray<PipelineStatus> Pipelines, ImmutableArray<SlotStatus> Slots)
{
    /// <summary>Scaling of each device type; empty for a fixed machine.</summary>
    public ImmutableArray<FleetStatus> Fleet { get; init; } = [];
}

/// <summary>Figures of one pipeline for the last second.</summary>
/// <param name="Name">Pipeline name.</param>
/// <param name="SloMs">Latency objective, milliseconds.</param>
/// <param name="DemandQps">Arrivals in the last second, rejected ones included.</param>
/// <param name="ForecastQps">Demand that the plan was made for, queries per second.</param>
/// <param name="ServedQps">Queries completed in the last second, each within its own deadline.</param>
/// <param name="Pending">Queries admitted and not ended.</param>
/// <param name="PlannedAccuracy">The plan's expected accuracy, 0..1.</param>
/// <param name="MeasuredAccuracy">Mean expected accuracy of the last second's answers; null without any.</param>
/// <param name="Tasks">Status of each task: the variants that have queues, and the queues' lengths.</param>
public sealed record PipelineStatus(
    string Name, double SloMs, double DemandQps, double ForecastQps, double ServedQps, long Pending,
    double PlannedAccuracy, double? MeasuredAccuracy, ImmutableArray<TaskStatusInfo> Tasks)
{
    /// <summary>Queries completed after the SLO in the last second, per second: within the longer time that their callers
    /// allowed.</summary>
    public double BeyondSloQps { get; init; }
}

/// <summary>Status of one task.</summary>
/// <param name="Name">Task name.</param>
/// <param name="Queued">Rows waiting by variant name; only variants in use.</param>
/// <param name="Why">Reason why these variants are used, one sentence.</param>
public sealed record TaskStatusInfo(string Name, ImmutableSortedDictionary<string, int> Queued, string Why)
{
    /// <summary>Variants of the task, in the order of the file.</summary>
    public ImmutableArray<VariantStatus> Variants { get; init; } = [];
}

/// <summary>Status of one variant: its row counts since the start, and its limits.</summary>
/// <param name="Name">Variant name.</param>
public sealed record VariantStatus(string Name)
{
    /// <summary>Reason why the variant runs one row at a time; null where it takes batches.</summary>
    public string? HeldBecause { get; init; }

    /// <summary>Reason why plans leave the variant out at present; null where they do not.</summary>
    public string? Fault { get; init; }

    /// <summary>Rows that were computed and handed on.</summary>
    public long Rows { get; init; }

    /// <summary>Rows that ended without an answer because of a server fault.</summary>
    public long FailedRows { get; init; }

    /// <summary>Rows that the model cannot compute because of the query's data.</summary>
    public long RefusedRows { get; init; }

    /// <summary>Rows that the model answered with values that are not numbers.</summary>
    public long NonFiniteRows { get; init; }
}

/// <summary>Status of one slot.</summary>
/// <param name="Id">Slot id, for example <c>cpu/3</c>.</param>
/// <param name="State"><c>idle</c>, <c>busy</c>, <c>loading</c>, <c>draining</c>, <c>failed</c> or <c>free</c>.</param>
/// <param name="Variant">Variant that the slot runs; null when free.</param>
/// <param name="Batch">Largest batch, rows.</param>
/// <param name="Provider">Execution provider in use, for example <c>cpu</c>.</param>
/// <param name="Fault">Reason of the slot's failure; null otherwise.</param>
public sealed record SlotStatus(string Id, string State, string? Variant, int Batch, string? Provider, string? Fault)
{
    /// <summary>Reason why the requested provider is not in use; null if it is.</summary>
    public string? ProviderFallback { get; init; }

    /// <summary>Variants that the slot holds and chooses from with each batch, sorted; empty where it runs one only.</summary>
    public ImmutableArray<string> Held { get; init; } = [];
}
