using System.Buffers;

namespace ServerlessLoki.Serving.Api;

/// <summary>Bytes from <see cref="BlockPool"/>, given back once on <see cref="Dispose"/>.</summary>
public sealed class PooledBytes : IMemoryOwner<byte>
{
    private static long _rented;
    private readonly int _start;
    private byte[]? _array;

    private PooledBytes(byte[] array, int start, int length)
    {
        _array = array;
        _start = start;
        Length = length;
        Interlocked.Increment(ref _rented);
    }

    /// <summary>Rented and not given back, in this process: a leak shows as a number that does not return to 0.</summary>
    internal static long Rented => Interlocked.Read(ref _rented);

    /// <summary>Bytes in use; the rented array may be longer.</summary>
    public int Length { get; private set; }

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
        BlockPool.Return(array);
    }
}
