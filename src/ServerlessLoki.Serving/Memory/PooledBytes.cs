using System.Buffers;

namespace ServerlessLoki.Serving.Memory;

/// <summary>Bytes, mostly from <see cref="BlockPool"/>, which are returned once on <see cref="Dispose"/>.</summary>
public sealed class PooledBytes : IMemoryOwner<byte>
{
    private static long _rented;
    private readonly int _start;
    private readonly bool _isPooled;
    private byte[]? _array;

    private PooledBytes(byte[] array, int start, int length, bool isPooled = true)
    {
        (_array, _start, _isPooled) = (array, start, isPooled);
        Length = length;
        Interlocked.Increment(ref _rented);
    }

    /// <summary>Bytes rented and not returned in this process; after a leak the number does not return to 0.</summary>
    internal static long Rented => Interlocked.Read(ref _rented);

    /// <summary>Bytes in use; the rented array may be longer.</summary>
    public int Length { get; private set; }

    /// <summary>Share of the budget that the bytes and their unpacked content are charged to; null = none. Not disposed with the
    /// bytes.</summary>
    internal ByteBudget.Share? Share { get; set; }

    /// <inheritdoc />
    public Memory<byte> Memory => Array.AsMemory(_start, Length);

    /// <summary>Bytes in use, as a span.</summary>
    public Span<byte> Span => Array.AsSpan(_start, Length);

    private byte[] Array => _array ?? throw new ObjectDisposedException(nameof(PooledBytes));

    /// <summary>Rents memory; the content is undefined.</summary>
    public static PooledBytes Rent(int length) => new(BlockPool.Rent(Math.Max(1, length)), 0, length);

    /// <summary>Rents memory so that the byte at <paramref name="aligned"/> is aligned for elements of any datatype.</summary>
    internal static PooledBytes Rent(int length, int aligned)
    {
        var start = -aligned & (sizeof(ulong) - 1);
        return new(BlockPool.Rent(start + Math.Max(1, length)), start, length);
    }

    /// <summary>Rents memory and copies bytes into it.</summary>
    public static PooledBytes CopyOf(ReadOnlySpan<byte> bytes)
    {
        var copy = Rent(bytes.Length);
        bytes.CopyTo(copy.Span);
        return copy;
    }

    /// <summary>Wraps an array, which is not returned to a pool.</summary>
    internal static PooledBytes Of(byte[] array) => new(array, 0, array.Length, isPooled: false);

    /// <summary>Returns the same bytes for a holder that disposes them: this object stays valid, and must outlive the view.</summary>
    internal PooledBytes View() => new(Array, _start, Length, isPooled: false);

    /// <summary>Resizes to <paramref name="length"/> bytes and keeps the content.</summary>
    internal void Resize(int length)
    {
        var array = Array;
        if (_start + length > array.Length)
        {
            var larger = BlockPool.Rent(_start + length);
            array.AsSpan(0, _start + Length).CopyTo(larger);
            BlockPool.Return(array);
            _array = larger;
        }

        Length = length;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _array, null) is not { } array)
            return;
        Interlocked.Decrement(ref _rented);
        if (_isPooled)
            BlockPool.Return(array);
    }
}
