using System.Buffers;
using System.Numerics;

namespace ServerlessLoki.Serving.Memory;

/// <summary>Arrays for bodies, tensors and pixels. What is kept for re-use is bounded, and given back by <see cref="Trim"/>.</summary>
/// <remarks>The shared pool keeps large arrays per core and size for minutes, and cannot be told to let them go.</remarks>
public static class BlockPool
{
    /// <summary>Smaller arrays come from the shared pool: they are many and cheap.</summary>
    private const int Smallest = 32 << 10;

    /// <summary>Sizes per doubling: at most a quarter of an array is slack.</summary>
    private const int Steps = 4;

    internal static readonly long MostKept = Math.Min(256L << 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 16);
    private static readonly Stack<byte[]>[] Free = [.. Enumerable.Range(0, 32 * Steps).Select(_ => new Stack<byte[]>())];
    private static long _kept;
    private static long _rents;

    /// <summary>Bytes kept for re-use.</summary>
    public static long Kept => Interlocked.Read(ref _kept);

    /// <summary>Rents so far, of large arrays: a number that stands still means that no large body came.</summary>
    public static long Rents => Interlocked.Read(ref _rents);

    /// <summary>Rents an array of at least this length; its content is undefined.</summary>
    internal static byte[] Rent(int length)
    {
        if (length < Smallest)
            return ArrayPool<byte>.Shared.Rent(length);
        Interlocked.Increment(ref _rents);
        var (size, index) = Class(length);
        var free = Free[index];
        lock (free)
        {
            if (free.TryPop(out var array))
            {
                Interlocked.Add(ref _kept, -size);
                return array;
            }
        }

        return GC.AllocateUninitializedArray<byte>(size);
    }

    /// <summary>Gives an array back; nobody may use it any more.</summary>
    internal static void Return(byte[] array)
    {
        if (array.Length < Smallest)
        {
            ArrayPool<byte>.Shared.Return(array);
            return;
        }

        if (Interlocked.Add(ref _kept, array.Length) > MostKept)
        {
            Interlocked.Add(ref _kept, -array.Length);
            return;
        }

        var free = Free[Class(array.Length).Index];
        lock (free)
            free.Push(array);
    }

    /// <summary>Gives the kept arrays to the collector.</summary>
    public static void Trim()
    {
        foreach (var free in Free)
        {
            lock (free)
            {
                while (free.TryPop(out var array))
                    Interlocked.Add(ref _kept, -array.Length);
                free.TrimExcess();
            }
        }
    }

    /// <summary>The next larger of 4, 5, 6 and 7 quarters of a power of two.</summary>
    private static (int Size, int Index) Class(int length)
    {
        var bits = BitOperations.Log2((uint)(length - 1));
        var shift = bits - 2;
        var steps = ((length - 1) >> shift) + 1;
        return (checked((int)Math.Min(Array.MaxLength, (long)steps << shift)), (bits * Steps) + steps - Steps - 1);
    }
}
