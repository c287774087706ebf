using System.Collections.Concurrent;
using System.Collections.Immutable;
using ServerlessLoki.Batching.Residency;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Slots that hold several variants: rows wait in the queue of one of them, and each batch says which one runs.</summary>
internal sealed partial class SlotManager
{
    /// <summary>Variants that slots hold beside the one whose queue they serve.</summary>
    private readonly ConcurrentDictionary<VariantId, VariantPool> _beside = [];

    /// <summary>Returns a variant that slots of a pool hold: the pool itself for its own.</summary>
    private VariantPool Beside(VariantPool pool, VariantId id, string device, LatencyProfile profile) =>
        id == pool.Id ? pool : _beside.GetOrAdd(id, _ => NewPool(id, device, profile));

    private PoolResidents? ResidentsOf(SlotGroup group, RoutingTable table, PlanningProblem problem)
    {
        if (group.Resident is not { } set)
            return null;
        var (pool, device) = PoolOf(IdOf(group), group.Device, problem.Profile);
        var variants = set.Variants.Select(v => Beside(pool, IdOf(group) with { Variant = v }, device.Name, problem.Profile)).ToImmutableArray();
        foreach (var held in variants)
            held.Latency = problem.Expected(_nameOf(held.Id), _deviceTypes[group.Device].Name) ?? held.Latency;
        var choice = set.Choice([.. variants.Select(v => new ResidentVariant(v.Accuracy, v.Latency))]);
        return new PoolResidents(variants, choice, table.BestAccuracyBelow(group.Pipeline, group.Task));
    }
}
