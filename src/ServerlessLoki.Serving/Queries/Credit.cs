using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Queries;

/// <summary>Exact share of a query's weight, as an interval of 2¹²⁰ units.</summary>
/// <remarks>The root carries the whole; an item splits its interval among its children; leaves return theirs. The answer is
/// complete when the returned lengths sum to the whole: exact, whatever the order, with no central count of children.
/// Intervals of one task never overlap, so the start also names the item within its task.</remarks>
/// <param name="Start">First unit.</param>
/// <param name="Length">Number of units; above 0.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Credit(UInt128 Start, UInt128 Length)
{
    /// <summary>Whole weight of a query.</summary>
    public static readonly Credit Whole = new(0, UInt128.One << 120);

    /// <summary>Returns child <paramref name="index"/> of <paramref name="count"/>; the children partition the interval.</summary>
    /// <exception cref="InvalidOperationException">Fewer units are left than children.</exception>
    public Credit Split(int index, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
        var each = Length / (uint)count;
        if (each == 0)
            throw new InvalidOperationException($"A query fans out too far: {Length} units of credit are left for {count} children.");
        var start = Start + (each * (uint)index);
        return new Credit(start, index == count - 1 ? Start + Length - start : each);
    }
}
