using System.Collections.Concurrent;
using System.Numerics;

namespace ServerlessLoki.Serving.Memory;

/// <summary>Pool of arrays for bodies, tensors and pixels. The memory kept for reuse is bounded, and freed by <see cref="Trim"/>.</summary>
/// <remarks>The shared pool takes a lock where an array is given back by another thread than the one that rented it, as here it mostly is. It
/// keeps large arrays per core and size for minutes, and cannot be told to let them go.</remarks>
public static class BlockPool
{
    /// <summary>Length of the smallest array, bytes.</summary>
    private const int Smallest = 256;

    /// <summary>Length from which arrays count as large, bytes.</summary>
    private const int Large = 32 << 10;

    /// <summary>Sizes per doubling: at most a quarter of an array is slack.</summary>
    private const int Steps = 4;

    internal static readonly long MostKept = Math.Min(256L << 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 16);
    private static readonly ConcurrentStack<byte[]>[] Free = [.. Enumerable.Range(0, 32 * Steps).Select(_ => new ConcurrentStack<byte[]>())];
    private static long _kept;
    private static long _rents;

    /// <summary>Bytes kept for reuse.</summary>
    public static long Kept => Interlocked.Read(ref _kept);

    /// <summary>Number of rents of large arrays so far. It stays constant while no large body arrives.</summary>
    public static long Rents => Interlocked.Read(ref _rents);

    /// <summary>Rents an array of at least this length; its content is undefined.</summary>
    internal static byte[] Rent(int length)
    {
        if (length >= Large)
            Interlocked.Increment(ref _rents);
        var (size, index) = Class(length);
        if (!Free[index].TryPop(out var array))
            return GC.AllocateUninitializedArray<byte>(size);
        Interlocked.Add(ref _kept, -size);
        return array;
    }

    /// <summary>Returns an array; no code may use it after the call.</summary>
    internal static void Return(byte[] array)
    {
        if (Interlocked.Add(ref _kept, array.Length) > MostKept)
        {
            Interlocked.Add(ref _kept, -array.Length);
            return;
        }

        Free[Class(array.Length).Index].Push(array);
    }

    /// <summary>Releases the kept arrays to the garbage collector.</summary>
    public static void Trim()
    {
        foreach (var free in Free)
        {
            while (free.TryPop(out var array))
                Interlocked.Add(ref _kept, -array.Length);
        }
    }

    /// <summary>Returns the size class: the next larger of 4, 5, 6 and 7 quarters of a power of two.</summary>
    private static (int Size, int Index) Class(int length)
    {
        length = Math.Max(length, Smallest);
        var bits = BitOperations.Log2((uint)(length - 1));
        var shift = bits - 2;
        var steps = ((length - 1) >> shift) + 1;
        return (checked((int)Math.Min(Array.MaxLength, (long)steps << shift)), (bits * Steps) + steps - Steps - 1);
    }
}
