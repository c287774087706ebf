using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ServerlessLoki.Serving.Models;

/// <summary>Runs of a probe with one draw: rows alone, then together.</summary>
internal sealed class ProbeRun : IDisposable
{
    private const int Rows = 3;
    private readonly OnnxModel _model;
    private readonly int _length;
    private readonly NativeBuffer[] _rows;
    private readonly NativeBuffer[] _batch;
    private readonly RunOptions _options = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    private readonly List<Output[]> _alone = [];
    private Output[] _together = [];

    public ProbeRun(OnnxModel model, ProbeDraw draw)
    {
        (_model, _length) = (model, draw.Length);
        _rows = [.. model.Inputs.Select(i => new NativeBuffer(checked(RowBytes(i) * Rows)))];
        _batch = [.. model.Inputs.Select(i => new NativeBuffer(checked(RowBytes(i) * Math.Max(Rows, model.FixedBatch ?? 1))))];
        foreach (var input in model.Inputs)
        {
            for (var row = 0; row < Rows; row++)
                draw.Fill(input, row, Row(_rows[input.Index], input, row));
        }
    }

    /// <summary>Tests whether rows can be generated and compared.</summary>
    public static bool CanTry(OnnxModel model) => model.Inputs.All(static i => i.ElementBytes > 0 && i.Datatype != "BF16")
        && model.Outputs.All(static o => o is { ElementBytes: > 0, IsMap: false, Datatype: not "BF16" });

    /// <summary>Runs each row by itself.</summary>
    /// <returns>Reason why a row cannot be computed; null if all can.</returns>
    public string? Alone()
    {
        for (var row = 0; row < Rows; row++)
        {
            if (Run([row], out var outputs) is { } fault)
                return fault;
            _alone.Add(outputs);
        }

        return null;
    }

    /// <summary>Runs the first rows in one batch.</summary>
    /// <returns>Reason why the batch fails; null if it does not.</returns>
    public string? Together(int batch) => Run([.. Enumerable.Range(0, batch)], out _together);

    /// <summary>Returns the shape of an output of a row alone.</summary>
    public ImmutableArray<long> Shape(int row, int output) => _alone[row][output].Shape;

    /// <summary>Returns the shape of an output of the last batch.</summary>
    public ImmutableArray<long> BatchShape(int output) => _together[output].Shape;

    /// <summary>Tests whether the output's first dimension had this length for every row alone: it is then taken for the batch.</summary>
    public bool IsFirstAlways(int output, long length) => _alone.TrueForAll(o => o[output].Shape is [var first, ..] && first == length);

    /// <summary>Tests whether the rows of the last batch have the values that they have alone.</summary>
    /// <param name="output">Output to compare.</param>
    /// <param name="layout">Places of the rows.</param>
    /// <param name="batch">Number of rows in the output.</param>
    public bool Agrees(ModelTensor output, OutputLayout layout, int batch)
    {
        var together = Rowwise(_together[output.Index], layout, batch);
        var tolerance = Tolerance(output);
        for (var row = 0; row < Math.Min(batch, Rows); row++)
        {
            var alone = _alone[row][output.Index];
            // A model of a fixed batch is never alone: its row is the first of the batch.
            var expected = _model.FixedBatch is { } b ? Part(Rowwise(alone, layout, b), b, 0) : alone.Values;
            if (!Close(expected, Part(together, batch, row), tolerance))
                return false;
        }

        return true;
    }

    public void Dispose()
    {
        foreach (var buffer in _rows.Concat(_batch))
            buffer.Dispose();
        _options.Dispose();
    }

    private static double[] Rowwise(Output output, OutputLayout layout, int batch)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes<double>(output.Values.AsSpan());
        var rowwise = new double[output.Values.Length];
        layout.Gather(bytes, output.Shape, batch, MemoryMarshal.AsBytes(rowwise.AsSpan()));
        return rowwise;
    }

    private static ReadOnlySpan<double> Part(double[] values, int batch, int row) => values.AsSpan(values.Length / batch * row, values.Length / batch);

    /// <summary>Returns the tolerance of a comparison: kernels may sum in another order for another batch; integers must be
    /// equal.</summary>
    private double Tolerance(ModelTensor output)
    {
        if (output.ElementType is not (TensorElementType.Float or TensorElementType.Double or TensorElementType.Float16))
            return 0;
        var largest = _alone.SelectMany(o => o[output.Index].Values).Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        var share = output.ElementType == TensorElementType.Float16 || _model.Provider != "cpu" ? 2e-2 : 1e-3;
        return (share * largest) + 1e-9;
    }

    private static bool Close(ReadOnlySpan<double> a, ReadOnlySpan<double> b, double tolerance)
    {
        if (a.Length != b.Length)
            return false;
        for (var i = 0; i < a.Length; i++)
        {
            if (!a[i].Equals(b[i]) && !(Math.Abs(a[i] - b[i]) <= tolerance))
                return false;
        }

        return true;
    }

    private string? Run(int[] rows, out Output[] outputs)
    {
        outputs = [];
        var batch = _model.FixedBatch ?? rows.Length;
        var values = new List<OrtValue>(_model.Inputs.Length);
        try
        {
            foreach (var input in _model.Inputs)
            {
                var buffer = _batch[input.Index];
                buffer.Bytes.Clear();
                for (var at = 0; at < rows.Length; at++)
                    Row(_rows[input.Index], input, rows[at]).CopyTo(Row(buffer, input, at));
                values.Add(OrtValue.CreateTensorValueWithData(
                    OrtMemoryInfo.DefaultInstance, input.ElementType, [.. input.ShapeFor(batch).Select(d => d < 0 ? _length : d)], buffer.Pointer, (long)batch * RowBytes(input)));
            }

            using var found = _model.Session.Run(_options, _model.RunNames, [.. values, .. _model.Constants.For(batch)], _model.Session.OutputNames);
            outputs = [.. _model.Outputs.Select(o => Output.Of(o, found[o.Index]))];
            return null;
        }
        catch (OnnxRuntimeException exception)
        {
            return RuntimeCause.Of(exception);
        }
        finally
        {
            values.ForEach(v => v.Dispose());
        }
    }

    private Span<byte> Row(NativeBuffer buffer, ModelTensor input, int row) => buffer.Bytes.Slice(row * RowBytes(input), RowBytes(input));

    /// <summary>Returns the bytes of a row whose open dimensions have the draw's length.</summary>
    private int RowBytes(ModelTensor input) => input.RowBytes
        ?? (int)input.Shape.Skip(1).Aggregate((long)input.ElementBytes, (product, d) => checked(product * (d < 0 ? _length : d)));

    /// <summary>One output of one run, as numbers.</summary>
    private sealed record Output(ImmutableArray<long> Shape, double[] Values)
    {
        public static Output Of(ModelTensor tensor, OrtValue value) =>
            new([.. value.GetTensorTypeAndShape().Shape], Numbers(tensor.ElementType, value.GetTensorMutableRawData()));

        private static double[] Numbers(TensorElementType type, ReadOnlySpan<byte> bytes) => type switch
        {
            TensorElementType.Float => Cast<float>(bytes, v => v),
            TensorElementType.Double => Cast<double>(bytes, v => v),
            TensorElementType.Float16 => Cast<Half>(bytes, v => (double)v),
            TensorElementType.Int8 => Cast<sbyte>(bytes, v => v),
            TensorElementType.Int16 => Cast<short>(bytes, v => v),
            TensorElementType.UInt16 => Cast<ushort>(bytes, v => v),
            TensorElementType.Int32 => Cast<int>(bytes, v => v),
            TensorElementType.UInt32 => Cast<uint>(bytes, v => v),
            TensorElementType.Int64 => Cast<long>(bytes, v => v),
            TensorElementType.UInt64 => Cast<ulong>(bytes, v => v),
            _ => Cast<byte>(bytes, v => v),
        };

        private static double[] Cast<T>(ReadOnlySpan<byte> bytes, Func<T, double> number)
            where T : struct
        {
            var source = MemoryMarshal.Cast<byte, T>(bytes);
            var values = new double[source.Length];
            for (var i = 0; i < values.Length; i++)
                values[i] = number(source[i]);
            return values;
        }
    }
}
