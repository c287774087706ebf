using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Loading of workers for a variant: its pool and queue, a model from the store, a warm runner.</summary>
internal sealed partial class SlotManager
{
    /// <summary>Loads a variant for direct inference where no slot of the plan runs it.</summary>
    public async Task EnsureLoadedAsync(VariantId id, CancellationToken cancellationToken)
    {
        if (IsServed(id))
            return;
        await _serial.WaitAsync(cancellationToken);
        try
        {
            if (IsServed(id))
                return;
            var (pool, _) = PoolOf(id, 0, _profile);
            pool.IsOnDemand = true;
            await AddBesideAsync(pool, "direct", cancellationToken);
        }
        finally
        {
            _serial.Release();
        }
    }

    /// <summary>Loads workers that take no slot: as many as may compute at once.</summary>
    private async Task AddBesideAsync(VariantPool pool, string purpose, CancellationToken cancellationToken)
    {
        var device = _pools[pool.Id].Device;
        var workers = await Task.Run(() => NewBesides(device, purpose, pool), cancellationToken);
        device.Change(pools =>
        {
            if (pool.IsOnDemand && !pool.IsPlanned)
                pool.MaxBatch = _options.MaxBatch;
            // A model with a batch of its own takes no more.
            pool.MaxBatch = Math.Min(pool.MaxBatch, MostRows(pool.Id));
            Add(pools, pool, workers);
        });
        _missing.RemoveAll(m => m.Pool == pool);
    }

    private List<Worker> NewBesides(ComputeDevice device, string purpose, VariantPool pool)
    {
        var workers = new List<Worker>(device.Parallelism);
        try
        {
            for (var i = 0; i < device.Parallelism; i++)
                workers.Add(NewWorker($"{device.Name}/{purpose}-{i}", pool, 1, isBeside: true));
            return workers;
        }
        catch
        {
            workers.ForEach(w => w.Dispose());
            throw;
        }
    }

    private (VariantPool Pool, ComputeDevice Device) PoolOf(VariantId id, int device, LatencyProfile profile)
    {
        if (_pools.TryGetValue(id, out var known))
            return known;
        var pool = NewPool(id, _deviceTypes[device].Name, profile);
        pool.RowCostNs = WaitingWork.RowNs(pool.Latency, 1, belowUs: 0);
        pool.Receiver = _queues.OpenReceiver(pool.Key, _devices[device].Signal);
        return _pools[id] = (pool, _devices[device]);
    }

    private VariantPool NewPool(VariantId id, string device, LatencyProfile profile)
    {
        var name = _nameOf(id);
        return new VariantPool(id, _dispatcher.Key(id.Pipeline, id.Task, id.Variant), _metrics.Variants[id.Pipeline][id.Task][id.Variant])
        {
            Accuracy = _dispatcher.Pipelines[id.Pipeline].Tasks[id.Task].Variants[id.Variant].Accuracy,
            Latency = profile.Find(name, device) ?? Unprofiled,
            ProfiledLatency = _profile.Find(name, device) ?? Unprofiled,
            LastUsedUs = _clock.NowUs,
        };
    }

    /// <summary>Assumed latency of a variant that was never profiled and is used directly; it only orders the variant's queue.</summary>
    private static readonly BatchLatency Unprofiled = new([1], [10_000]);

    /// <param name="slot">Slot id.</param>
    /// <param name="pool">Pool whose queue the worker serves.</param>
    /// <param name="warmBatch">Rows of the batch to warm it with.</param>
    /// <param name="isBeside">True for a worker that takes no slot.</param>
    /// <param name="content">What it holds; null = the pool's variant alone.</param>
    private Worker NewWorker(string slot, VariantPool pool, int warmBatch, bool isBeside = false, SlotContent? content = null)
    {
        var models = ImmutableArray.CreateBuilder<HeldModel>();
        try
        {
            models.Add(NewModel(pool, warmBatch));
            foreach (var variant in content?.Held ?? [])
            {
                var id = pool.Id with { Variant = variant };
                if (id != pool.Id)
                    models.Add(NewModel(Beside(pool, id, _pools[pool.Id].Device.Name, _profile), warmBatch));
            }

            return new Worker(slot, pool, models.ToImmutable()) { IsBeside = isBeside };
        }
        catch
        {
            foreach (var model in models)
                model.Dispose();
            throw;
        }
    }

    private HeldModel NewModel(VariantPool variant, int warmBatch)
    {
        _loading = variant.Id;
        var started = _clock.Time.GetTimestamp();
        var lease = _models.Acquire(variant.Id);
        IStageRunner? runner = null;
        try
        {
            runner = lease.Model.CreateRunner();
            runner.Warm(1);
            if (Math.Min(warmBatch, runner.MaxBatch) is > 1 and var batch)
                runner.Warm(batch);
            _limits[variant.Id] = new RowLimit(runner.MaxBatch, lease.Model.HeldBecause);
            _loads.Observe(_clock.Time.GetElapsedTime(started));
            variant.Metrics.Swapped();
            return new HeldModel(variant, lease, runner);
        }
        catch
        {
            runner?.Dispose();
            lease.Dispose();
            throw;
        }
    }

    private static void Add(List<VariantPool> pools, VariantPool pool, IEnumerable<Worker> workers)
    {
        if (!pools.Contains(pool))
            pools.Add(pool);
        foreach (var worker in workers)
        {
            pool.Workers.Add(worker);
            pool.Idle.Push(worker);
        }
    }
}
