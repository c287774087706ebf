using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ServerlessLoki.Serving.Imaging;

/// <summary>The five row filters of PNG (ISO/IEC 15948, 9).</summary>
internal static class PngFilters
{
    private const int None = 0, Sub = 1, Up = 2, Average = 3, Paeth = 4;

    /// <summary>Turns a filtered row into pixels, in place.</summary>
    /// <param name="filter">Filter number from the row's first byte.</param>
    /// <param name="row">The row, with at least eight more bytes behind it, which are read and kept.</param>
    /// <param name="above">The row above, unfiltered, equally long; zeros for the first.</param>
    /// <param name="length">Bytes of the row.</param>
    /// <param name="pixel">Bytes per pixel.</param>
    internal static void Undo(int filter, Span<byte> row, ReadOnlySpan<byte> above, int length, int pixel)
    {
        switch (filter)
        {
            case None: break;
            case Sub: UndoSub(row[..length], pixel); break;
            case Up: UndoUp(row[..length], above); break;
            case Average: UndoAverage(row[..length], above, pixel); break;
            case Paeth when pixel is 3 or 4 && BitConverter.IsLittleEndian: UndoPaethWide(row, above, length, pixel); break;
            case Paeth: UndoPaeth(row[..length], above, pixel); break;
            default: throw new ImageFormatException($"PNG: unknown filter {filter}.");
        }
    }

    /// <summary>Filters and writes all rows; per row the filter whose result is smallest (sum of magnitudes).</summary>
    internal static void WriteRows(Stream target, RgbImage image)
    {
        var stride = image.Width * 3;
        var candidates = new byte[3][];
        for (var i = 0; i < candidates.Length; i++) candidates[i] = new byte[stride + 1];
        var zeros = new byte[stride];
        for (var y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> row = image.Pixels.Slice(y * stride, stride);
            ReadOnlySpan<byte> above = y == 0 ? zeros : image.Pixels.Slice((y - 1) * stride, stride);
            var best = candidates[0];
            var bestSum = long.MaxValue;
            for (var c = 0; c < candidates.Length; c++)
            {
                var sum = Apply(c switch { 0 => Sub, 1 => Up, _ => Paeth }, row, above, candidates[c]);
                if (sum >= bestSum) continue;
                (best, bestSum) = (candidates[c], sum);
            }
            target.Write(best);
        }
    }

    private static long Apply(int filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, byte[] target)
    {
        long sum = 0;
        target[0] = (byte)filter;
        for (var i = 0; i < row.Length; i++)
        {
            int left = i >= 3 ? row[i - 3] : 0, corner = i >= 3 ? above[i - 3] : 0;
            var guess = filter switch { Sub => left, Up => above[i], _ => Predict(left, above[i], corner) };
            var value = (byte)(row[i] - guess);
            target[i + 1] = value;
            sum += Math.Abs((int)(sbyte)value);
        }
        return sum;
    }

    private static void UndoSub(Span<byte> row, int pixel)
    {
        for (var i = pixel; i < row.Length; i++) row[i] += row[i - pixel];
    }

    private static void UndoUp(Span<byte> row, ReadOnlySpan<byte> above)
    {
        var wide = MemoryMarshal.Cast<byte, Vector<byte>>(row);
        var wideAbove = MemoryMarshal.Cast<byte, Vector<byte>>(above);
        for (var i = 0; i < wide.Length; i++) wide[i] += wideAbove[i];
        for (var i = wide.Length * Vector<byte>.Count; i < row.Length; i++) row[i] += above[i];
    }

    private static void UndoAverage(Span<byte> row, ReadOnlySpan<byte> above, int pixel)
    {
        for (var i = 0; i < Math.Min(pixel, row.Length); i++) row[i] += (byte)(above[i] >> 1);
        for (var i = pixel; i < row.Length; i++) row[i] += (byte)((row[i - pixel] + above[i]) >> 1);
    }

    private static void UndoPaeth(Span<byte> row, ReadOnlySpan<byte> above, int pixel)
    {
        for (var i = 0; i < Math.Min(pixel, row.Length); i++) row[i] += above[i];
        for (var i = pixel; i < row.Length; i++) row[i] += (byte)Predict(row[i - pixel], above[i], above[i - pixel]);
    }

    /// <summary>One pixel per step: all its channels at once, in 16-bit lanes.</summary>
    private static void UndoPaethWide(Span<byte> row, ReadOnlySpan<byte> above, int length, int pixel)
    {
        var left = Vector128<short>.Zero;
        var corner = Vector128<short>.Zero;
        var low = Vector128.Create((short)0xFF);
        var keep = pixel == 3 ? 0x00FFFFFFu : 0xFFFFFFFFu;
        var next = MemoryMarshal.Read<uint>(row);
        for (var i = 0; i + pixel <= length; i += pixel)
        {
            var up = Widen(MemoryMarshal.Read<uint>(above[i..]));
            // Loaded before the store below, which overlaps it: the processor cannot forward half of a load.
            var raw = next;
            next = MemoryMarshal.Read<uint>(row[(i + pixel)..]);
            var toLeft = Vector128.Abs(up - corner);
            var toUp = Vector128.Abs(left - corner);
            var toCorner = Vector128.Abs(left + up - corner - corner);
            // Ties prefer left, then up.
            var nearest = Vector128.Min(toCorner, Vector128.Min(toUp, toLeft));
            var guess = Vector128.ConditionalSelect(Vector128.Equals(nearest, toLeft), left,
                Vector128.ConditionalSelect(Vector128.Equals(nearest, toUp), up, corner));
            var value = (Widen(raw) + guess) & low;
            var narrow = Vector128.Narrow(value.AsUInt16(), value.AsUInt16()).AsUInt32().ToScalar();
            MemoryMarshal.Write(row[i..], (narrow & keep) | (raw & ~keep));
            left = value;
            corner = up;
        }
    }

    private static Vector128<short> Widen(uint fourBytes) =>
        Vector128.WidenLower(Vector128.CreateScalar(fourBytes).AsByte()).AsInt16();

    private static int Predict(int left, int up, int corner)
    {
        int toLeft = Math.Abs(up - corner), toUp = Math.Abs(left - corner), toCorner = Math.Abs(left + up - corner - corner);
        if (toLeft <= toUp && toLeft <= toCorner) return left;
        return toUp <= toCorner ? up : corner;
    }
}
