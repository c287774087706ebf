using System.Runtime.InteropServices;
using ServerlessLoki.Batching;

namespace ServerlessLoki.Routing;

/// <summary>Fate of a row that a slot has taken from its queue.</summary>
public enum RowFate
{
    /// <summary>The row runs on this slot.</summary>
    Runs,

    /// <summary>The row was sent to another variant.</summary>
    Sent,

    /// <summary>The row's query is given up: no path could answer it before the deadline.</summary>
    Dropped,
}

/// <summary>Host's way to send a row to another variant.</summary>
public interface ILateRow
{
    /// <summary>Sends the row to the fastest variant, see <see cref="Rerouting.ToFastest"/>; false if none is much faster than the row's
    /// own.</summary>
    bool TrySendToFastest();

    /// <summary>Sends the row to a variant that can still answer in time, see <see cref="Rerouting.ToTimely"/>; false if none
    /// can.</summary>
    bool TrySendToTimely();
}

/// <summary>Decision about a row that lost time: the one rule of all hosts.</summary>
/// <param name="ArrivalUs">Arrival time of the row's query.</param>
/// <param name="DeadlineUs">Deadline of the query.</param>
/// <param name="SingleUs">Time of one row on this variant, microseconds.</param>
/// <param name="BelowUs">Least processing time after this stage, microseconds; infinite while no slot runs a task below.</param>
/// <param name="IsRoot">True before the first stage.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LateRow(long ArrivalUs, long DeadlineUs, double SingleUs, double BelowUs, bool IsRoot)
{
    /// <summary>Decides. A row that waited too long goes to the fastest variant. A row that its own variant would answer too late goes to
    /// one that can answer in time, if there is one.</summary>
    /// <typeparam name="T">How it is sent elsewhere.</typeparam>
    /// <param name="nowUs">Current time, microseconds.</param>
    /// <param name="rescues">True if rows that waited too long are sent to the fastest variant.</param>
    /// <param name="drops">True if rows that no variant can answer in time are given up.</param>
    /// <param name="row">Sends the row to another variant.</param>
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
