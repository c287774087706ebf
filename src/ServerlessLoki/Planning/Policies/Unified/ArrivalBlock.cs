using System.Runtime.InteropServices;
using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Neighbouring arrivals of one pipeline that came at one rate.</summary>
/// <param name="First">Index of the first arrival.</param>
/// <param name="Count">Number of arrivals.</param>
/// <param name="FromUs">Begin of the block, microseconds.</param>
/// <param name="ToUs">End of the block, microseconds.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ArrivalBlock(int First, int Count, long FromUs, long ToUs)
{
    /// <summary>Longest swing of the rate that stays within a block, seconds.</summary>
    public const double StretchSeconds = 2;

    /// <summary>Largest difference of two counts at one rate, in standard deviations of a Poisson count.</summary>
    private const double Chance = 3;

    private const long StretchUs = (long)(StretchSeconds * 1e6);

    /// <summary>Least length of a block, microseconds: a few arrivals close together are no rate.</summary>
    private const long LeastUs = 100_000;

    private double Seconds => (ToUs - FromUs) * 1e-6;

    /// <summary>Splits arrivals into blocks of stretches of two seconds, the newest first, none empty.</summary>
    /// <remarks>Stretches are joined until a block is large enough, but only as long as chance explains how they differ; else the block ends where
    /// the rate most likely changed. A demand that has just fallen would otherwise share a block with what came before, and that be a burst
    /// which nobody sees again.</remarks>
    /// <param name="seen">Arrivals in order of time.</param>
    /// <param name="fromUs">Time since which arrivals were kept, microseconds.</param>
    /// <param name="nowUs">End of the arrivals, microseconds.</param>
    /// <param name="least">Least number of arrivals in a block.</param>
    public static IEnumerable<ArrivalBlock> Of(IReadOnlyList<Arrival> seen, long fromUs, long nowUs, int least)
    {
        var block = new ArrivalBlock(seen.Count, 0, nowUs, nowUs);
        var oldest = block;
        while (block.First > 0)
        {
            var older = Before(seen, block, fromUs);
            var isLike = block.IsLike(older);
            if (isLike && block.Count + (older.Count / 2) < least)
            {
                (block, oldest) = (block.With(older), older);
                continue;
            }

            if (!isLike)
                (block, older) = Parted(seen, block, oldest, older);
            if (block.Count > 0)
                yield return block;
            (block, oldest) = (older, older);
        }

        if (block.Count > 0)
            yield return block;
    }

    private static ArrivalBlock Before(IReadOnlyList<Arrival> seen, ArrivalBlock block, long fromUs)
    {
        var sinceUs = Math.Max(fromUs, block.FromUs - StretchUs);
        var first = block.First;
        while (first > 0 && (seen[first - 1].AtUs >= sinceUs || sinceUs == fromUs))
            first--;
        return new ArrivalBlock(first, block.First - first, sinceUs, block.FromUs);
    }

    // The change lies in one of the two stretches where it showed: where two rates explain them best. A block is a stretch long at least, so
    // that a burst stays with its neighbours.
    private static (ArrivalBlock Block, ArrivalBlock Older) Parted(
        IReadOnlyList<Arrival> seen, ArrivalBlock block, ArrivalBlock oldest, ArrivalBlock older)
    {
        var (at, best) = (block.First, Explained(older.Count, older.Seconds) + Explained(oldest.Count, oldest.Seconds));
        var (atUs, end) = (block.FromUs, oldest.First + oldest.Count);
        for (var i = older.First + 1; i < end; i++)
        {
            var us = seen[i].AtUs;
            if (us > Math.Min(block.ToUs - StretchUs, oldest.ToUs - LeastUs) || us < older.FromUs + LeastUs)
                continue;
            var explained = Explained(i - older.First, (us - older.FromUs) * 1e-6) + Explained(end - i, (oldest.ToUs - us) * 1e-6);
            if (explained > best)
                (at, atUs, best) = (i, us, explained);
        }

        return (
            new ArrivalBlock(at, block.First + block.Count - at, atUs, block.ToUs),
            new ArrivalBlock(older.First, at - older.First, older.FromUs, atUs));
    }

    // Of the logarithm of the likelihood of so many at their own rate, what depends on where they are parted.
    private static double Explained(int count, double seconds) => count == 0 ? 0 : count * Math.Log(count / seconds);

    private ArrivalBlock With(ArrivalBlock older) => new(older.First, Count + older.Count, older.FromUs, ToUs);

    private bool IsLike(ArrivalBlock older)
    {
        var share = older.Seconds / (Seconds + older.Seconds);
        var expected = (Count + older.Count) * share;
        return Math.Abs(older.Count - expected) <= Chance * Math.Sqrt(expected * (1 - share));
    }
}
