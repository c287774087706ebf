using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Reads the bytes of a row in one output.</summary>
internal delegate ReadOnlySpan<byte> OutputRowReader(int row, int output);

/// <summary>Reads the dimensions of a row in one output.</summary>
internal delegate ReadOnlySpan<long> OutputShapeReader(int row, int output);

/// <summary>Values of one row of a run; datatypes other than FP32 are converted into reused memory.</summary>
internal sealed class OutputValues(ImmutableArray<ModelTensor> outputs, OutputRowReader read, OutputShapeReader shape) : IRowValues
{
    private readonly float[][] _converted = [.. outputs.Select(_ => Array.Empty<float>())];

    /// <summary>Row of the batch.</summary>
    public int Row { get; set; }

    /// <summary>Mask of the model; null where it has none.</summary>
    public MaskInput? Masks { private get; init; }

    public EncodedText? Text { get; set; }

    /// <summary>Where the row's picture lies; null where it shows none.</summary>
    public (ImagePlacement Placement, ImageShape Shape)? Picture { private get; set; }

    public (float X, float Y) OnInput(float x, float y) => Picture is { } picture ? picture.Placement.OnInput(x, y, picture.Shape) : (x, y);

    public ReadOnlySpan<float> Mask => Masks is null ? [] : Masks.Of(Row);

    public ReadOnlySpan<long> ShapeOf(int output) => shape(Row, output);

    public ReadOnlySpan<byte> BytesOf(int output) => read(Row, output);

    public ReadOnlySpan<float> Of(int output)
    {
        var bytes = read(Row, output);
        var tensor = outputs[output];
        if (tensor.Datatype == "FP32")
            return MemoryMarshal.Cast<byte, float>(bytes);
        var count = bytes.Length / tensor.ElementBytes;
        if (_converted[output].Length < count)
            _converted[output] = new float[count];
        var values = _converted[output].AsSpan(0, count);
        Convert(tensor.Datatype, bytes, values);
        return values;
    }

    private static void Convert(string datatype, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (datatype)
        {
            case "FP16": TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), values); break;
            case "FP64": Truncate<double>(bytes, values); break;
            case "INT64": Truncate<long>(bytes, values); break;
            case "UINT64": Truncate<ulong>(bytes, values); break;
            case "INT32": Truncate<int>(bytes, values); break;
            case "UINT32": Truncate<uint>(bytes, values); break;
            case "INT16": Truncate<short>(bytes, values); break;
            case "UINT16": Truncate<ushort>(bytes, values); break;
            case "INT8": Truncate<sbyte>(bytes, values); break;
            default: Truncate<byte>(bytes, values); break;
        }
    }

    private static void Truncate<T>(ReadOnlySpan<byte> bytes, Span<float> values)
        where T : unmanaged, System.Numerics.INumberBase<T> => TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, T>(bytes), values);
}
