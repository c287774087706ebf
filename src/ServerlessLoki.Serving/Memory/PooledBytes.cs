using System.Buffers;

namespace ServerlessLoki.Serving.Memory;

/// <summary>Bytes, most of them from <see cref="BlockPool"/> and given back once on <see cref="Dispose"/>.</summary>
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

    /// <summary>Rented and not given back, in this process: a leak shows as a number that does not return to 0.</summary>
    internal static long Rented => Interlocked.Read(ref _rented);

    /// <summary>Bytes in use; the rented array may be longer.</summary>
    public int Length { get; private set; }

    /// <summary>What the bytes are charged to, and what is made of them; null = nothing. Not disposed with them.</summary>
    internal ByteBudget.Share? Share { get; set; }

    /// <inheritdoc />
    public Memory<byte> Memory => Array.AsMemory(_start, Length);

    /// <summary>The bytes in use.</summary>
    public Span<byte> Span => Array.AsSpan(_start, Length);

    private byte[] Array => _array ?? throw new ObjectDisposedException(nameof(PooledBytes));

    /// <summary>Rents; the content is undefined.</summary>
    public static PooledBytes Rent(int length) => new(BlockPool.Rent(Math.Max(1, length)), 0, length);

    /// <summary>Rents, so that the byte at <paramref name="aligned"/> lies as elements of any datatype must.</summary>
    internal static PooledBytes Rent(int length, int aligned)
    {
        var start = -aligned & (sizeof(ulong) - 1);
        return new(BlockPool.Rent(start + Math.Max(1, length)), start, length);
    }

    /// <summary>Copies.</summary>
    public static PooledBytes CopyOf(ReadOnlySpan<byte> bytes)
    {
        var copy = Rent(bytes.Length);
        bytes.CopyTo(copy.Span);
        return copy;
    }

    /// <summary>Takes an array as it is; it goes to no pool.</summary>
    internal static PooledBytes Of(byte[] array) => new(array, 0, array.Length, isPooled: false);

    /// <summary>The same bytes for one who disposes what it was given: these stay, and must outlive it.</summary>
    internal PooledBytes View() => new(Array, _start, Length, isPooled: false);

    /// <summary>Makes room for <paramref name="length"/> bytes; what was written stays.</summary>
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
