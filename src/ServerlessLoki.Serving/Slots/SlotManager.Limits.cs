using System.Collections.Concurrent;
using System.Collections.Immutable;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Limits of batch sizes by models, which are known with certainty once the models are loaded.</summary>
internal sealed partial class SlotManager
{
    private readonly ConcurrentDictionary<VariantId, RowLimit> _limits = new();

    /// <param name="Rows">Most rows of a batch.</param>
    /// <param name="Because">Reason why the limit is one row; null where there is no such reason.</param>
    private sealed record RowLimit(int Rows, string? Because);

    /// <summary>Returns why a variant runs one row at a time; null if it does not, or was not loaded yet.</summary>
    public string? HeldBecause(VariantId id) => _limits.GetValueOrDefault(id)?.Because;

    /// <summary>Lists the loaded variants that run one row at a time.</summary>
    public ImmutableArray<VariantId> Held() => [.. _limits.Where(l => l.Value.Because is not null).Select(l => l.Key)];

    /// <summary>Records a worker whose model turned out not to divide batches correctly. Called by a device's thread.</summary>
    public void OnHeld(Worker worker)
    {
        var pool = worker.Runs;
        _limits[pool.Id] = new RowLimit(worker.Runner.MaxBatch, worker.HeldBecause);
        DeviceOf(pool)?.Change(_ => pool.MaxBatch = Math.Min(pool.MaxBatch, MostRows(pool.Id)));
        _logger.HeldAtOne(_nameOf(pool.Id), worker.HeldBecause ?? "its batches fail");
        Interlocked.Exchange(ref _wantsPlan, 1);
    }

    private ComputeDevice? DeviceOf(VariantPool pool) => _pools.TryGetValue(pool.Id, out var entry) ? entry.Device : null;

    private int MostRows(VariantId id) => Math.Min(_options.MaxBatch, _limits.GetValueOrDefault(id)?.Rows ?? int.MaxValue);

    private LatencyProfile WithinLimits(LatencyProfile profile)
    {
        var most = _limits.ToDictionary(l => _nameOf(l.Key), l => l.Value.Rows, StringComparer.Ordinal);
        return profile.Within(variant => most.TryGetValue(variant, out var rows) ? rows : null);
    }

    /// <summary>Requests another plan where the plan in force has larger batches than a model takes.</summary>
    private void WantPlanWithinLimits(InForce inForce)
    {
        if (WithinLimits(inForce.Problem.Profile) != inForce.Problem.Profile)
            Interlocked.Exchange(ref _wantsPlan, 1);
    }
}
