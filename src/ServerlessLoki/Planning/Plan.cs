using System.Collections.Immutable;
using ServerlessLoki.Batching.Residency;

namespace ServerlessLoki.Planning;

/// <summary>Plan of a policy: an immutable snapshot that routing, workers and operators read.</summary>
public sealed record Plan
{
    /// <summary>Version of the plan; rises by one with each plan that is applied.</summary>
    public long Version { get; init; }

    /// <summary>Name of the policy that made the plan.</summary>
    public required string Policy { get; init; }

    /// <summary>Groups of equal slots: variant, device, batch and number of replicas.</summary>
    public required ImmutableArray<SlotGroup> Slots { get; init; }

    /// <summary>Flows of root queries by variant path, one entry per root-to-leaf path used.</summary>
    public required ImmutableArray<PathFlow> Flows { get; init; }

    /// <summary>Share of each pipeline's demand that is served; 1 unless overloaded. The rest is shed at the ingress.</summary>
    public required ImmutableArray<double> ServedShare { get; init; }

    /// <summary>Demand-weighted mean accuracy of the served queries, 0..1.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Cost of the occupied slots per hour.</summary>
    public double CostPerHour { get; init; }

    /// <summary>Demand that the plan was made for, by pipeline, queries per second.</summary>
    public required ImmutableArray<double> DemandQps { get; init; }

    /// <summary>Predicted end-to-end latency of the slowest used path by pipeline, microseconds: processing and the planned waits; where none are planned,
    /// as much queueing as processing.</summary>
    public ImmutableArray<double> PredictedP99Us { get; init; } = [];

    /// <summary>Longest processing time of routes on any path, by pipeline, microseconds; empty = as
    /// <see cref="PlanningOptions.ProcessingShare"/> says.</summary>
    public ImmutableArray<double> ProcessingUs { get; init; } = [];

    /// <summary>Proof of the plan: its objective and the bound on every plan.</summary>
    public required PlanProof Proof { get; init; }

    /// <summary>State that the policy continues from when it plans next; null for policies without state.</summary>
    public PolicyState? PolicyState { get; init; }

    /// <summary>Explanation of the plan, in sentences for operators.</summary>
    public ImmutableArray<string> Why { get; init; } = [];

    /// <summary>Replicas in use.</summary>
    public int Replicas => Slots.Sum(s => s.Replicas);

    /// <summary>Slots in use: as many as replicas, unless replicas have several cores.</summary>
    public int SlotsTaken => Slots.Sum(s => s.SlotsTaken);

    /// <summary>Tests whether another plan runs the same variants with the same batches equally often.</summary>
    internal bool RunsSlotsOf(Plan other)
    {
        return Keys(this).SetEquals(Keys(other));

        static HashSet<(SlotContent, ResidentRule?, double?, int, int, int, int?)> Keys(Plan plan) =>
            [.. plan.Slots.Select(s => (SlotContent.Of(s), s.Resident?.Rule, s.Resident?.Margin, s.Device, s.Batch, s.Replicas, s.Cores))];
    }
}
