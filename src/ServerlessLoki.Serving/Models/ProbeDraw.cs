using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Serving.Models;

/// <summary>Rule by which a probe fills a model's inputs. The numbers are the same each time, so that a model is judged alike at every
/// start.</summary>
/// <param name="Seed">Seed of the numbers.</param>
/// <param name="Integers">Exclusive upper bound of integers, which are often indices into a table.</param>
/// <param name="IsDistinct">True when rows differ.</param>
internal sealed record ProbeDraw(ulong Seed, int Integers, bool IsDistinct)
{
    /// <summary>Lengths of open dimensions of rows: short as a sentence, then as a small image, which convolutions need. Where the usual
    /// length is known, only that is used.</summary>
    private static readonly int[] s_lengths = [8, 64];

    /// <summary>Length of open dimensions of a row.</summary>
    public int Length { get; private init; } = s_lengths[0];

    /// <summary>Lists the rules to try, best first.</summary>
    public static IEnumerable<ProbeDraw> For(OnnxModel model) => model.IsSized
        ? ForLength(model)
        : (model.UsualLength is { } usual ? [usual] : s_lengths).SelectMany(length => ForLength(model).Select(draw => draw with { Length = length }));

    private static IEnumerable<ProbeDraw> ForLength(OnnxModel model)
    {
        yield return new ProbeDraw(1, 3, true);
        yield return new ProbeDraw(2, 3, true);
        if (model.Inputs.Any(i => i.ElementType is not (TensorElementType.Float or TensorElementType.Double or TensorElementType.Float16)))
        {
            yield return new ProbeDraw(1, 2, true);
            yield return new ProbeDraw(2, 2, true);
        }

        yield return new ProbeDraw(1, 1, false);
    }

    /// <summary>Fills a row.</summary>
    /// <param name="input">Input of the row.</param>
    /// <param name="row">Index of the row; each row has numbers of another spread, so that sums and sizes of the outputs differ
    /// too.</param>
    /// <param name="target">Bytes of the row.</param>
    public void Fill(ModelTensor input, int row, Span<byte> target)
    {
        target.Clear();
        if (!IsDistinct)
            return;
        var count = target.Length / input.ElementBytes;
        var state = HashRandom.Mix((Seed << 32) + ((ulong)input.Index << 16) + (ulong)row + 1);
        for (var i = 0; i < count; i++)
        {
            state += HashRandom.Golden;
            Write(input.ElementType, HashRandom.Unit(HashRandom.Mix(state)), row, target.Slice(i * input.ElementBytes, input.ElementBytes));
        }
    }

    private void Write(TensorElementType type, double unit, int row, Span<byte> target)
    {
        // 0..1 as pictures have, then around zero, then mostly small.
        var value = row switch { 0 => unit, 1 => (2 * unit) - 1, _ => unit * unit };
        var whole = (int)(unit * Integers);
        switch (type)
        {
            case TensorElementType.Float: MemoryMarshal.Write(target, (float)value); break;
            case TensorElementType.Double: MemoryMarshal.Write(target, value); break;
            case TensorElementType.Float16: MemoryMarshal.Write(target, (Half)value); break;
            case TensorElementType.Bool: target[0] = unit < 0.5 ? (byte)0 : (byte)1; break;
            // Pictures in bytes; everything else little-endian with the value in front.
            case TensorElementType.UInt8: target[0] = Integers > 2 ? (byte)(Math.Abs(value) * 255) : (byte)whole; break;
            default: target[0] = (byte)whole; break;
        }
    }
}
