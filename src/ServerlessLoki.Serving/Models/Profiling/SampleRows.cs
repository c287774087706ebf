using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Models.Profiling;

/// <summary>Rows for measuring a model: values in 0..1, as images have, since zeros may be faster than real input. Integers are 0, a valid
/// index everywhere; texts are one letter.</summary>
internal static class SampleRows
{
    /// <summary>Lengths of open dimensions, tried in turn: a paragraph, a small image, down to the least. Where the usual length is known,
    /// only that is used.</summary>
    private static readonly int[] s_lengths = [128, 64, 32, 8, 1];

    /// <summary>Largest row, bytes: longer rows say little about usual ones, and a batch of them would take all memory.</summary>
    private const int MostRowBytes = 16 << 20;

    /// <summary>Makes a runner whose rows are filled.</summary>
    /// <exception cref="ModelException">The model takes no generated row.</exception>
    public static ISampleRunner Of(OnnxModel model) => model.IsSized ? Sized(model.CreateRunner()) : Loose(model.CreateLooseRunner());

    private static ModelRunner Sized(ModelRunner runner)
    {
        foreach (var input in runner.Model.Inputs.Where(static i => i.Datatype == "FP32"))
            Fill(runner.Input(runner.MaxBatch, input.Index));
        return runner;
    }

    private static LooseRunner Loose(LooseRunner runner)
    {
        string? cause = null;
        int[] lengths = runner.Model.UsualLength is { } usual ? [usual] : s_lengths;
        foreach (var length in lengths)
        {
            if (runner.Model.Inputs.Any(i => Bytes(runner.Model, i, length) > MostRowBytes))
                continue;
            foreach (var input in runner.Model.Inputs)
            {
                var sample = Row(runner.Model, input, length);
                for (var row = 0; row < runner.MaxBatch; row++)
                    runner.Set(row, input.Index, sample);
            }

            try
            {
                runner.Run(1);
                return runner;
            }
            catch (ModelException exception) when (!exception.IsOfTheMachine)
            {
                cause ??= exception.Cause;
            }
        }

        var model = runner.Model.Name;
        runner.Dispose();
        throw new ModelException($"Model '{model}' cannot be measured: it takes no row whose open dimensions are {string.Join(", ", lengths)} long: {cause ?? "each such row is too large"}.");
    }

    private static double Bytes(OnnxModel model, ModelTensor input, int length) =>
        input.RowShape(model.HasBatch).ToArray().Aggregate((double)Math.Max(sizeof(uint) + 1, input.ElementBytes), (product, d) => product * (d < 0 ? length : d));

    private static LooseRow Row(OnnxModel model, ModelTensor input, int length)
    {
        long[] shape = [.. input.RowShape(model.HasBatch).ToArray().Select(d => d < 0 ? length : d)];
        var elements = (int)shape.Aggregate(1L, static (product, d) => checked(product * d));
        if (input.ElementBytes == 0)
            return new LooseRow(shape, Enumerable.Repeat<byte[]>([1, 0, 0, 0, (byte)'a'], elements).SelectMany(static e => e).ToArray());
        var bytes = new byte[elements * input.ElementBytes];
        if (input.Datatype == "FP32")
            Fill(MemoryMarshal.Cast<byte, float>(bytes.AsSpan()));
        return new LooseRow(shape, bytes);
    }

    private static void Fill(Span<float> values)
    {
        for (var i = 0; i < values.Length; i++)
            values[i] = ((i * 37) & 255) / 255f;
    }
}
