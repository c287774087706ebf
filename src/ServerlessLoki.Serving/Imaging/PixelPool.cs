using System.Collections.Concurrent;
using System.Numerics;

namespace ServerlessLoki.Serving.Imaging;

/// <summary>Memory for pixels. Arrays of usual size are used again, within a fixed sum; large ones go back to the collector at once.</summary>
/// <remarks>The shared pool keeps what it was ever given: a burst of large images would stay resident. Thread-safe.</remarks>
internal static class PixelPool
{
    private const int LeastBytes = 1 << 8;

    /// <summary>Largest array that is kept: 4 MB, a picture of 1.4 megapixels.</summary>
    internal const int LargestKept = 4 << 20;

    /// <summary>Bytes kept together.</summary>
    internal const int MostKept = 32 << 20;

    private static readonly ConcurrentStack<byte[]>[] s_free = [.. Enumerable.Range(0, BitOperations.Log2(LargestKept) + 1).Select(_ => new ConcurrentStack<byte[]>())];
    private static long s_kept;

    /// <summary>Bytes that are kept for the next images.</summary>
    internal static long Kept => Interlocked.Read(ref s_kept);

    /// <summary>An array of at least this many bytes; the content is undefined.</summary>
    internal static byte[] Rent(int bytes)
    {
        if (bytes > LargestKept)
            return GC.AllocateUninitializedArray<byte>(bytes);
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(bytes, LeastBytes));
        if (!s_free[BitOperations.Log2((uint)size)].TryPop(out var array))
            return GC.AllocateUninitializedArray<byte>(size);
        Interlocked.Add(ref s_kept, -size);
        return array;
    }

    /// <summary>Takes back what <see cref="Rent"/> gave.</summary>
    internal static void Return(byte[] array)
    {
        if (array.Length > LargestKept)
            return;
        if (Interlocked.Add(ref s_kept, array.Length) <= MostKept)
            s_free[BitOperations.Log2((uint)array.Length)].Push(array);
        else
            Interlocked.Add(ref s_kept, -array.Length);
    }

    /// <summary>Gives everything that is kept to the collector.</summary>
    internal static void Trim()
    {
        foreach (var free in s_free)
        {
            while (free.TryPop(out var array))
                Interlocked.Add(ref s_kept, -array.Length);
        }
    }
}
