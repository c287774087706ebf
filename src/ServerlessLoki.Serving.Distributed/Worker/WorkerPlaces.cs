using System.Collections.Concurrent;
using ServerlessLoki.Planning;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>Places of the plan that a worker's slots hold by leases with heartbeat: <c>place/PIPELINE/TASK/VARIANT/DEVICE/k</c>.</summary>
internal sealed class WorkerPlaces(WorkerOptions options, IStateStore state, PipelineIndex index, TimeProvider time)
{
    private const string Prefix = "place/";

    /// <summary>Time that a variant that could not be loaded here is left to other workers.</summary>
    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, VariantId> _held = new(StringComparer.Ordinal);
    private readonly Dictionary<VariantId, DateTimeOffset> _refusedUntil = [];
    private int _lost;

    /// <summary>True once after a place was lost.</summary>
    public bool TakeLost() => Interlocked.Exchange(ref _lost, 0) != 0;

    /// <summary>Claims free places of the plan for free slots.</summary>
    /// <returns>True if a place was won.</returns>
    public async Task<bool> ClaimAsync(PublishedPlan plan, CancellationToken cancellationToken)
    {
        var wanted = Wanted(plan);
        var free = options.Slots - _held.Keys.Count(wanted.ContainsKey);
        if (free <= 0)
            return false;
        var now = time.GetUtcNow();
        var taken = (await state.LeasesAsync(Prefix, now, cancellationToken)).Where(l => l.Owner != options.Id).Select(l => l.Place).ToHashSet(StringComparer.Ordinal);
        var mine = _held.Values.ToHashSet();
        var holders = taken.Concat(_held.Keys).Where(wanted.ContainsKey).CountBy(p => wanted[p]).ToDictionary();
        var open = wanted.Where(w => !_held.ContainsKey(w.Key) && !taken.Contains(w.Key) && _refusedUntil.GetValueOrDefault(w.Value) <= now)
            .OrderBy(w => w.Key, StringComparer.Ordinal).ToList();
        var won = false;
        while (free > 0 && open.Count > 0)
        {
            // What nobody has comes first; then what is loaded here already, and costs nothing; then what fewest have.
            var next = open.MinBy(w => (holders.GetValueOrDefault(w.Value) > 0, !mine.Contains(w.Value), holders.GetValueOrDefault(w.Value)));
            open.Remove(next);
            if (!await state.ClaimAsync(next.Key, options.Id, now, options.Lease, cancellationToken))
                continue;
            _held[next.Key] = next.Value;
            holders[next.Value] = holders.GetValueOrDefault(next.Value) + 1;
            won = true;
            free--;
        }

        return won;
    }

    /// <summary>Returns the replicas that the slots should run, by variant.</summary>
    public Dictionary<VariantId, int> Held(PublishedPlan plan)
    {
        var wanted = Wanted(plan);
        return _held.Where(h => wanted.ContainsKey(h.Key)).CountBy(h => h.Value).ToDictionary();
    }

    /// <summary>Returns places that the plan no longer has.</summary>
    public async Task ReleaseObsoleteAsync(PublishedPlan plan, CancellationToken cancellationToken)
    {
        var wanted = Wanted(plan);
        foreach (var place in _held.Keys.Where(p => !wanted.ContainsKey(p)))
            await ReleaseAsync(place, cancellationToken);
    }

    /// <summary>Leaves a variant to other workers for a while, because it cannot be loaded here.</summary>
    public async Task RefuseAsync(VariantId id, CancellationToken cancellationToken)
    {
        _refusedUntil[id] = time.GetUtcNow() + RefusedFor;
        foreach (var place in _held.Where(h => h.Value == id).Select(h => h.Key))
            await ReleaseAsync(place, cancellationToken);
    }

    /// <summary>Returns the places of a variant whose slots failed, and leaves the variant to other workers for a while.</summary>
    public async Task GiveBackAsync(VariantId id, int slots, CancellationToken cancellationToken)
    {
        _refusedUntil[id] = time.GetUtcNow() + RefusedFor;
        foreach (var place in _held.Where(h => h.Value == id).Select(h => h.Key).OrderDescending(StringComparer.Ordinal).Take(slots))
            await ReleaseAsync(place, cancellationToken);
    }

    /// <summary>Renews all leases; places that another worker holds by now are lost.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        foreach (var place in _held.Keys)
        {
            if (await state.ClaimAsync(place, options.Id, time.GetUtcNow(), options.Lease, cancellationToken))
                continue;
            _held.TryRemove(place, out _);
            Interlocked.Exchange(ref _lost, 1);
        }
    }

    public async Task ReleaseAllAsync()
    {
        foreach (var place in _held.Keys)
            await ReleaseAsync(place, CancellationToken.None);
    }

    private async Task ReleaseAsync(string place, CancellationToken cancellationToken)
    {
        _held.TryRemove(place, out _);
        await state.ReleaseAsync(place, options.Id, cancellationToken);
    }

    /// <summary>Lists the plan's places on this worker's device type.</summary>
    private Dictionary<string, VariantId> Wanted(PublishedPlan plan)
    {
        var places = new Dictionary<string, VariantId>(StringComparer.Ordinal);
        foreach (var (id, replicas) in Groups(plan).GroupBy(SharedRoutes.IdOf).Select(g => (g.Key, g.Sum(x => x.Replicas))))
        {
            var pipeline = index.Pipelines[id.Pipeline];
            var task = pipeline.Tasks[id.Task];
            for (var k = 0; k < replicas; k++)
                places[$"{Prefix}{pipeline.Name}/{task.Name}/{task.Variants[id.Variant].Name}/{options.Device}/{k}"] = id;
        }

        return places;
    }

    public IEnumerable<SlotGroup> Groups(PublishedPlan plan) => plan.Document.Plan.Slots.Where(s => plan.Document.Devices[s.Device].Name == options.Device);
}
