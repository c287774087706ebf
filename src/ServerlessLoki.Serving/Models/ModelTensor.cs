using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ServerlessLoki.Serving.Models;

/// <summary>Input or output of a model.</summary>
public sealed class ModelTensor
{
    /// <summary>Largest row, bytes: a request's tensors are far smaller, and a batch of rows must fit into memory.</summary>
    private const int MaxRowBytes = 256 << 20;

    private ModelTensor(string name, int index, TensorElementType type, ImmutableArray<long> shape, ImmutableArray<string> symbols)
    {
        (Name, Index, ElementType, Shape, Symbols) = (name, index, type, shape, symbols);
        (Datatype, ElementBytes) = Kind(type);
        // In floating point: the product of a file's dimensions may be beyond any integer.
        var elements = shape.Skip(1).Any(static d => d < 0) ? -1.0 : shape.Skip(1).Aggregate(1.0, static (product, d) => product * d);
        if (elements * ElementBytes > MaxRowBytes)
            throw new ModelException($"'{name}' [{string.Join(',', shape)}] has {elements * ElementBytes / (1 << 20):0} MB a row; at most {MaxRowBytes >> 20} MB are served.");
        RowElements = elements < 0 ? null : (int)elements;
    }

    /// <summary>Name of the tensor in the model.</summary>
    public string Name { get; }

    /// <summary>Position among the model's inputs or outputs.</summary>
    public int Index { get; }

    /// <summary>Open Inference Protocol spelling, for example <c>FP32</c>.</summary>
    public string Datatype { get; }

    /// <summary>Bytes per element; 0 for BYTES, whose elements differ in length.</summary>
    public int ElementBytes { get; }

    /// <summary>Dimensions as the model has them, mostly with the batch first; −1 = variable, empty for a scalar.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>Elements of one row of the batch; null where a dimension behind the first is variable.</summary>
    public int? RowElements { get; }

    /// <summary>Bytes of one row of the batch; null as for <see cref="RowElements"/>, and for BYTES and maps.</summary>
    public int? RowBytes => ElementBytes == 0 || IsMap ? null : RowElements * ElementBytes;

    /// <summary>True for a sequence of maps, as ZipMap of scikit-learn's exports gives: callers see its keys and its values as two tensors.</summary>
    public bool IsMap => KeyDatatype is not null;

    /// <summary>Datatype of a map's keys; null for a tensor.</summary>
    internal string? KeyDatatype { get; private init; }

    /// <summary>True for FP32 [N, 3, H, W]: a planar RGB image.</summary>
    public bool IsImage => ElementType == TensorElementType.Float && Shape.Length == 4 && Shape[1] == 3 && Shape[2] > 0 && Shape[3] > 0;

    /// <summary>Description of the tensor in the Open Inference Protocol.</summary>
    public TensorDescription Description => new(Name, Datatype, Shape);

    internal TensorElementType ElementType { get; }

    /// <summary>Names that the file gives to its dimensions; empty for those without.</summary>
    internal ImmutableArray<string> Symbols { get; }

    /// <summary>Tests whether datatype and row shape are equal, so that a row of one tensor can be a row of the other.</summary>
    public bool RowFits(ModelTensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ElementType == other.ElementType && RowElements is not null && Shape.Length > 0 && other.Shape.Length > 0 && Shape.AsSpan()[1..].SequenceEqual(other.Shape.AsSpan()[1..]);
    }

    /// <summary>Writes the tensor for messages: <c>x FP32 [-1,3,192,256]</c>.</summary>
    public override string ToString() => $"{Name} {Datatype} [{string.Join(',', Shape)}]";

    internal static ModelTensor From(string name, int index, NodeMetadata node)
    {
        if (node.OnnxValueType == OnnxValueType.ONNX_TYPE_SEQUENCE && node.AsSequenceMetadata().ElementMeta is { OnnxValueType: OnnxValueType.ONNX_TYPE_MAP } element)
        {
            var map = element.AsMapMetadata();
            return new ModelTensor(name, index, map.ValueMetadata.ElementDataType, [-1, -1], ["", ""])
            {
                KeyDatatype = map.KeyDataType == TensorElementType.String ? "BYTES" : "INT64",
            };
        }

        if (!node.IsTensor)
            throw new ModelException($"'{name}' is a {node.OnnxValueType}; tensors and sequences of maps are served. Export the model with a tensor in its place.");
        return new ModelTensor(name, index, node.ElementDataType, [.. node.Dimensions.Select(d => d < 0 ? -1L : d)], [.. node.SymbolicDimensions]);
    }

    internal long[] ShapeFor(int batch)
    {
        var shape = Shape.ToArray();
        shape[0] = batch;
        return shape;
    }

    /// <summary>Returns a row's dimensions: without the batch where there is one.</summary>
    internal ReadOnlySpan<long> RowShape(bool hasBatch) => hasBatch ? Shape.AsSpan()[1..] : Shape.AsSpan();

    /// <summary>Makes a row of zeros, or of empty texts, with open dimensions of the given length.</summary>
    internal LooseRow Zeros(bool hasBatch, int length)
    {
        long[] shape = [.. RowShape(hasBatch).ToArray().Select(d => d < 0 ? length : Math.Max(1, d))];
        return new LooseRow(shape, new byte[shape.Aggregate(1L, static (product, d) => product * d) * (ElementBytes == 0 ? sizeof(uint) : ElementBytes)]);
    }

    /// <summary>Checks that the model takes a row.</summary>
    /// <exception cref="ModelException">The row has another shape, or its bytes do not match it.</exception>
    internal void CheckRow(LooseRow row, bool hasBatch)
    {
        var want = RowShape(hasBatch);
        var fits = row.Shape.Length == want.Length;
        for (var i = 0; fits && i < want.Length; i++)
            fits = want[i] < 0 || want[i] == row.Shape[i];
        if (!fits)
            throw new ModelException($"input '{Name}' takes [{string.Join(',', want.ToArray())}], found [{string.Join(',', row.Shape)}].");
        var elements = row.Shape.Aggregate(1.0, static (product, d) => product * d);
        if (ElementBytes > 0 ? elements * ElementBytes != row.Bytes.Length : elements != TextElements.Of(row.Bytes).Count())
            throw new ModelException($"input '{Name}' of shape [{string.Join(',', row.Shape)}] came in {row.Bytes.Length} bytes.");
    }

    private (string Datatype, int Bytes) Kind(TensorElementType type) => type switch
    {
        TensorElementType.Float => ("FP32", 4),
        TensorElementType.Double => ("FP64", 8),
        TensorElementType.Float16 => ("FP16", 2),
        TensorElementType.BFloat16 => ("BF16", 2),
        TensorElementType.String => ("BYTES", 0),
        TensorElementType.Bool => ("BOOL", 1),
        TensorElementType.UInt8 => ("UINT8", 1),
        TensorElementType.UInt16 => ("UINT16", 2),
        TensorElementType.UInt32 => ("UINT32", 4),
        TensorElementType.UInt64 => ("UINT64", 8),
        TensorElementType.Int8 => ("INT8", 1),
        TensorElementType.Int16 => ("INT16", 2),
        TensorElementType.Int32 => ("INT32", 4),
        TensorElementType.Int64 => ("INT64", 8),
        _ => throw new ModelException($"'{Name}' holds {type}; served are FP16, BF16, FP32, FP64, BOOL, the integers and texts."),
    };
}
