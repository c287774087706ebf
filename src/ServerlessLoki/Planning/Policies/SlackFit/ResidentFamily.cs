using System.Collections.Immutable;
using ServerlessLoki.Batching.Residency;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Planning.Policies.SlackFit;

/// <summary>One task's variants on the slots of each device type: which of them a slot holds, and what it serves with the fastest.</summary>
internal sealed class ResidentFamily
{
    private readonly PlanningProblem _problem;
    private readonly Pipeline _graph;
    private readonly Variant[] _fastestFirst;
    private readonly ImmutableArray<ResidentPair>[] _pairs;

    /// <summary>Takes a task.</summary>
    /// <param name="problem">Pipelines of one task each.</param>
    /// <param name="index">Index of the task's pipeline.</param>
    public ResidentFamily(PlanningProblem problem, int index)
    {
        _problem = problem;
        _graph = problem.Pipelines[index].Pipeline;
        Index = index;
        // A variant of no accuracy answers nothing.
        var useful = _graph.Root.Variants.Where(v => v.Accuracy > 0).DefaultIfEmpty(_graph.Root.MostAccurate);
        _fastestFirst = [.. useful.OrderBy(v => problem.Devices.Where(d => d.Slots > 0).Min(d => Latency(v, d)?.LatencyUs(1)) ?? double.PositiveInfinity)];
        Held = [.. problem.Devices.Select(HeldOn)];
        _pairs = [.. problem.Devices.Select((_, d) => Held[d].IsEmpty ? [] : PairsOn(d))];
    }

    public int Index { get; }

    /// <summary>[device] variants that a slot holds, ascending; empty where none runs or fits.</summary>
    public ImmutableArray<ImmutableArray<int>> Held { get; }

    private int MaxBatch => _problem.Options.MaxBatch ?? int.MaxValue;

    /// <summary>Rows per second of one slot with the variant whose queue it serves; 0 where it holds none.</summary>
    public double SlotQps(int device) => Held[device].IsEmpty ? 0 : _problem.Devices[device].SlotShare * Relief(device).Latency.ThroughputQps(Batch(device));

    /// <summary>Slots of a device; what they are expected to answer is not known yet.</summary>
    public SlotGroup Group(int device, int slots)
    {
        var (variant, latency) = Relief(device);
        var batch = Batch(device);
        return new SlotGroup(Index, 0, variant, device, batch, slots, slots * SlotQps(device), 0, latency.LatencyUs(batch));
    }

    /// <summary>Pairs that a slot may run.</summary>
    public ImmutableArray<ResidentPair> Pairs(int device) => _pairs[device];

    private ImmutableArray<ResidentPair> PairsOn(int device) => ResidentPairs.Of(
        [.. Held[device].Select(v => new ResidentVariant(_graph.Root.Variants[v].Accuracy, Latency(_graph.Root.Variants[v], _problem.Devices[device])!))],
        MaxBatch, _graph.SloUs);

    /// <summary>What its slots hold and go by.</summary>
    public ResidentSet Set(int device, ResidentRule rule, int buckets, double accuracy) => new(Held[device], rule, buckets, MaxBatch, _graph.SloUs, accuracy);

    // All device types that hold it serve the fastest variant's queue: rows of a task wait in one place.
    private (int Variant, BatchLatency Latency) Relief(int device)
    {
        var variant = _fastestFirst.First(v => Held[device].Contains(v.Index));
        return (variant.Index, Latency(variant, _problem.Devices[device])!);
    }

    private int Batch(int device)
    {
        var latency = Relief(device).Latency;
        var most = 1;
        foreach (var batch in latency.Batches)
        {
            if (batch <= MaxBatch && latency.LatencyUs(batch) <= _graph.SloUs * _problem.Options.ProcessingShare)
                most = batch;
        }

        return most;
    }

    /// <summary>The fastest that fits, then from the most accurate down what fits beside it.</summary>
    private ImmutableArray<int> HeldOn(DeviceType device)
    {
        var left = device.MemoryMiB ?? double.PositiveInfinity;
        var held = new List<int>();
        var runs = _fastestFirst.Where(v => device.Slots > 0 && Latency(v, device) is not null).ToArray();
        // One that answers nothing in time takes memory, and would promise an accuracy that no batch has.
        // By the time without head-room, which comes and goes: a load for each change would cost more than it saves.
        if (Array.FindAll(runs, v => _problem.Expected(v.Name, device.Name)!.LatencyUs(1) <= _graph.SloUs) is { Length: > 0 } inTime)
            runs = inTime;
        foreach (var variant in runs.SkipWhile(v => MemoryMiB(v) > left).Take(1).Concat(runs.OrderByDescending(v => v.Accuracy)))
        {
            if (held.Contains(variant.Index) || MemoryMiB(variant) > left)
                continue;
            held.Add(variant.Index);
            left -= MemoryMiB(variant);
        }

        return [.. held.Order()];
    }

    // One of unknown size is taken for small: where memory counts, readers and hosts see to it that it is known.
    private double MemoryMiB(Variant variant) => variant.MemoryMiB ?? _problem.MeasuredMemoryMiB.GetValueOrDefault(variant.Name);

    private BatchLatency? Latency(Variant variant, DeviceType device) => _problem.Profile.Find(variant.Name, device.Name);
}
