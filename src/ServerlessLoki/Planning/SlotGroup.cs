using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Planning;

/// <summary>Equal slots: the same variant with the same batch size on the same kind of device.</summary>
/// <param name="Pipeline">Index in <see cref="PlanningProblem.Pipelines"/>.</param>
/// <param name="Task">Task index in the pipeline.</param>
/// <param name="Variant">Variant index in the task.</param>
/// <param name="Device">Index in <see cref="PlanningProblem.Devices"/>.</param>
/// <param name="Batch">Largest batch to run, rows.</param>
/// <param name="Replicas">Replicas in the group; at least 1.</param>
/// <param name="CapacityQps">Rows per second that all replicas together sustain at this batch.</param>
/// <param name="LoadQps">Rows per second planned for all replicas together.</param>
/// <param name="LatencyUs">Profiled time of one full batch, microseconds.</param>
public sealed record SlotGroup(
    int Pipeline, int Task, int Variant, int Device, int Batch, int Replicas, double CapacityQps, double LoadQps, double LatencyUs)
{
    /// <summary>Cores of each replica where the plan chose them; null = a replica takes one slot.</summary>
    public int? Cores { get; init; }

    /// <summary>Longest planned wait of a row before its batch starts, microseconds; null = not planned, which counts as one processing
    /// time by the papers' rule.</summary>
    public double? WaitUs { get; init; }

    /// <summary>Rows per second of the capacity that routes leave free, so that bursts clear within <see cref="WaitUs"/>. Default 0.</summary>
    public double ReserveQps { get; init; }

    /// <summary>Variants that each slot holds, <see cref="Variant"/> among them: their rows wait in its queue, and each batch runs one of them. Null = that
    /// one alone.</summary>
    [JsonInclude]
    internal ResidentSet? Resident { get; init; }

    /// <summary>Variants that each slot holds and chooses from with each batch, by index in the task, ascending; <see cref="Variant"/> alone for most.</summary>
    [JsonIgnore]
    public ImmutableArray<int> Held => Resident?.Variants ?? [Variant];

    /// <summary>From a row's arrival at the queue to its result, as planned, microseconds: its wait and a full batch.</summary>
    public double ResponseUs => LatencyUs + (WaitUs ?? LatencyUs);

    /// <summary>Slots of the device that all replicas take.</summary>
    public int SlotsTaken => Replicas * (Cores ?? 1);

    /// <summary>Whether its slots can run a variant of the task.</summary>
    internal bool Holds(int variant) => Held.Contains(variant);

    /// <summary>Accuracy of the best variant that its slots can run.</summary>
    /// <param name="task">Its task.</param>
    internal double BestAccuracy(PipelineTask task) => Held.Max(v => task.Variants[v].Accuracy);
}
