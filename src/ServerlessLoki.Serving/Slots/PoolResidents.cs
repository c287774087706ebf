using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ServerlessLoki.Batching;
using ServerlessLoki.Batching.Residency;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>The variants that each slot of a pool holds, and which of them runs at what slack. Immutable; used under the device's lock.</summary>
/// <param name="variants">By position in the choice's pairs.</param>
/// <param name="choice">What runs at which slack.</param>
/// <param name="bestBelow">Best accuracy of the tasks below, 0..1; 0 where it is not known.</param>
internal sealed class PoolResidents(ImmutableArray<VariantPool> variants, ResidentChoice choice, double bestBelow)
{
    private const double Tolerance = 1e-9;

    public ImmutableArray<VariantPool> Variants { get; } = variants;

    /// <summary>Rows of the largest batch of any variant.</summary>
    public int MostRows => choice.MostRows;

    /// <summary>The fastest single run, microseconds.</summary>
    public double SingleUs { get; } = variants.Min(v => v.Latency.LatencyUs(1));

    /// <summary>Returns the variant to run and the rows to take; see <see cref="ResidentBatch"/>.</summary>
    /// <param name="pool">Pool with rows waiting.</param>
    /// <param name="nowUs">Current time, microseconds.</param>
    /// <param name="latestFinishUs">When the head's batch must have ended, microseconds.</param>
    public (VariantPool Runs, int Rows) Decide(VariantPool pool, long nowUs, long latestFinishUs)
    {
        // What is given up at once must not choose for the rows behind it.
        if (EarlyDrop.IsHopeless(pool.Receiver.HeadOrderUs, nowUs, SingleUs, pool.Route?.MinBelowUs ?? 0))
            return (pool, 1);
        var waiting = new List<StageItem>();
        if (pool.Receiver.HasParticular)
        {
            pool.Receiver.Peek(choice.MostRows, waiting);
            // A caller that names a variant gets that one.
            var direct = waiting.TakeWhile(i => i.Scope is DirectQuery).Count();
            if (direct > 0)
                return (pool, Math.Min(direct, pool.MaxBatch));
            if (waiting.FindIndex(i => i.Scope is DirectQuery) is > 0 and var first)
                waiting.RemoveRange(first, waiting.Count - first);
        }

        var (pair, rows) = ResidentBatch.Decide(choice, new Rows(this, pool, waiting), latestFinishUs - nowUs);
        return (Variants[pair.Variant], rows);
    }

    /// <summary>Chooses for rows that were taken without a look at what they ask.</summary>
    /// <param name="worker">Worker that runs them; one that was made in need holds fewer variants than its pool's slots.</param>
    /// <param name="chosen">What their head's slack chose.</param>
    public VariantPool Fit(Worker worker, VariantPool chosen)
    {
        var (pool, batch) = (worker.Pool, worker.Batch);
        if (batch.Exists(i => i.Scope is DirectQuery))
            return pool;
        var needed = batch.Count == 0 ? 0 : batch.Max(i => Needed(pool, i));
        var held = worker.Held.Select(h => h.Variant).ToList();
        if (chosen.Accuracy >= needed - Tolerance && held.Contains(chosen))
            return chosen;
        // The fastest that is accurate enough; else the most accurate.
        return held.Where(v => v.Accuracy >= needed - Tolerance).MinBy(v => v.Latency.LatencyUs(batch.Count)) ?? held.MaxBy(v => v.Accuracy)!;
    }

    /// <summary>Tests whether a row asks for more accuracy than a variant has.</summary>
    /// <param name="item">Row of the pool, not yet marked as the variant's.</param>
    /// <param name="pool">Pool that it came from.</param>
    /// <param name="runs">The variant.</param>
    public bool AsksMore(StageItem item, VariantPool pool, VariantPool runs) => item.Scope is not DirectQuery && Needed(pool, item) > runs.Accuracy + Tolerance;

    /// <summary>Marks rows as those of the variant that runs them: they have its accuracy and its children.</summary>
    public static void Relabel(IEnumerable<StageItem> batch, VariantPool from, VariantPool to)
    {
        if (from.Id == to.Id)
            return;
        foreach (var item in batch)
        {
            // A batch that failed early may hold rows that were not marked yet.
            if (item.Variant == from.Id.Variant)
                item.RunsOn(to.Id.Variant, item.Accuracy / from.Accuracy * to.Accuracy);
        }
    }

    // What the tasks below take away must be had here.
    private double Needed(VariantPool pool, StageItem item)
    {
        var needed = item.Scope.MinAccuracy * pool.Accuracy / item.Accuracy;
        return bestBelow > 0 ? needed / bestBelow : needed;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly struct Rows(PoolResidents residents, VariantPool pool, List<StageItem> seen) : IWaitingRows
    {
        public int Count => seen.Count > 0 ? seen.Count : pool.Receiver.Count;

        public bool AsksAccuracy => seen.Count > 0;

        // All slots of a variant are of one device type, see HostSetup.
        public double BestElsewhere => 0;

        public double Needed(int row) => residents.Needed(pool, seen[row]);
    }
}
