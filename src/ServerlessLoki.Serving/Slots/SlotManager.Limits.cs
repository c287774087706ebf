using System.Collections.Concurrent;
using System.Collections.Immutable;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Batches no larger than models take, which is known for sure once they are loaded.</summary>
internal sealed partial class SlotManager
{
    private readonly ConcurrentDictionary<VariantId, RowLimit> _limits = new();

    /// <param name="Rows">Most rows of a batch.</param>
    /// <param name="Because">Why it is one; null where it is not held.</param>
    private sealed record RowLimit(int Rows, string? Because);

    /// <summary>Why a variant runs one row at a time; null if it does not, or was not loaded yet.</summary>
    public string? HeldBecause(VariantId id) => _limits.GetValueOrDefault(id)?.Because;

    /// <summary>Variants that run one row at a time, of those that were loaded.</summary>
    public ImmutableArray<VariantId> Held() => [.. _limits.Where(l => l.Value.Because is not null).Select(l => l.Key)];

    /// <summary>Called by a device's thread for a worker whose model turned out to share no batch out.</summary>
    public void OnHeld(Worker worker)
    {
        var pool = worker.Pool;
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

    /// <summary>A plan with larger batches than a model takes counts on work that cannot be done.</summary>
    private void WantPlanWithinLimits(InForce inForce)
    {
        if (WithinLimits(inForce.Problem.Profile) != inForce.Problem.Profile)
            Interlocked.Exchange(ref _wantsPlan, 1);
    }
}
