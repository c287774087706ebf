using System.Runtime.InteropServices;
using ServerlessLoki.Batching;

namespace ServerlessLoki.Routing;

/// <summary>What becomes of a row that a slot has taken from its queue.</summary>
public enum RowFate
{
    /// <summary>It runs here.</summary>
    Runs,

    /// <summary>It was sent to another variant.</summary>
    Sent,

    /// <summary>No path could answer any more before the deadline: its query is given up.</summary>
    Dropped,
}

/// <summary>How a host sends a row to another variant.</summary>
public interface ILateRow
{
    /// <summary>Sends it to the fastest variant, see <see cref="Rerouting.ToFastest"/>; false if none is much faster than its own.</summary>
    bool TrySendToFastest();

    /// <summary>Sends it to one that can still make it, see <see cref="Rerouting.ToTimely"/>; false if none can.</summary>
    bool TrySendToTimely();
}

/// <summary>Decides about a row that lost time: the one rule of all hosts.</summary>
/// <param name="ArrivalUs">When its query arrived.</param>
/// <param name="DeadlineUs">When the answer is due.</param>
/// <param name="SingleUs">Time of one row here, microseconds.</param>
/// <param name="BelowUs">Least processing time after this stage, microseconds; infinite while nobody runs a task below.</param>
/// <param name="IsRoot">True before the first stage.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LateRow(long ArrivalUs, long DeadlineUs, double SingleUs, double BelowUs, bool IsRoot)
{
    /// <summary>A row that waited too long goes to the fastest variant; one that its own would answer too late to one that can make it, if any.</summary>
    /// <typeparam name="T">How it is sent elsewhere.</typeparam>
    /// <param name="nowUs">Now.</param>
    /// <param name="rescues">Whether rows that waited too long are sent to the fastest.</param>
    /// <param name="drops">Whether what is hopeless is given up.</param>
    /// <param name="row">Sends it.</param>
    public RowFate Decide<T>(long nowUs, bool rescues, bool drops, in T row)
        where T : struct, ILateRow
    {
        // A task that nobody runs makes no row late: the next plan may have it, and this row may have no children.
        var belowUs = double.IsPositiveInfinity(BelowUs) ? 0 : BelowUs;
        if (rescues && Comfort.IsStranded(ArrivalUs, DeadlineUs, nowUs, SingleUs + belowUs, IsRoot) && row.TrySendToFastest())
            return RowFate.Sent;
        if (!drops || !EarlyDrop.IsHopeless(DeadlineUs, nowUs, SingleUs, belowUs))
            return RowFate.Runs;
        return row.TrySendToTimely() ? RowFate.Sent : RowFate.Dropped;
    }
}
