using System.Collections.Concurrent;
using System.Numerics;
using Microsoft.ML.OnnxRuntime;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Models;

/// <summary>One input of a model that has the same value in every run. Thread-safe.</summary>
/// <remarks>Where its first dimension is open it is the batch, and the value is repeated for each row: runs of up to a power of two rows read
/// the same memory.</remarks>
internal sealed class ModelConstant(ModelTensor tensor, TensorConstant value, int maxBatch) : IDisposable
{
    private readonly ConcurrentDictionary<int, Lazy<OrtValue>> _byBatch = new();
    private readonly ConcurrentDictionary<int, Lazy<NativeBuffer>> _memory = new();

    public ModelTensor Tensor => tensor;

    public TensorConstant Value => value;

    /// <summary>Bytes at the largest batch; of texts the characters.</summary>
    public double MostBytes => Elements(HasRows ? maxBatch : 1) * (tensor.ElementBytes > 0 ? tensor.ElementBytes : value.Texts.Max(static t => sizeof(char) * (double)t.Length));

    private bool HasRows => tensor.Shape is [< 0, ..];

    /// <summary>Why the value does not fit the input; null if it does.</summary>
    public string? Fault()
    {
        if (tensor.IsMap)
            return $"constant '{tensor.Name}' is a sequence of maps; tensors can be constants";
        if (tensor.Shape.Skip(1).Any(static d => d < 0))
            return $"constant {tensor}: only its first dimension may be open: export it with a fixed size";
        var elements = Elements(1);
        if (value.Count != 1 && value.Count != elements)
            return $"constant {tensor} has {value.Count} values; it takes one for all, or {elements:0}";
        var isText = tensor.Datatype == "BYTES";
        if (isText != value.Numbers.IsEmpty)
            return $"constant {tensor} takes {(isText ? "texts" : "numbers")}";
        foreach (var number in value.Numbers)
        {
            if (NumberBytes.Fault(tensor.Datatype, number) is { } allowed)
                return $"constant {tensor} has the value {number:R}; it takes {allowed}";
        }

        return null;
    }

    /// <summary>The value for a run; it stays this object's.</summary>
    /// <param name="batch">Rows of the run; at most the largest batch.</param>
    public OrtValue For(int batch) => _byBatch.GetOrAdd(HasRows ? batch : 1, b => new Lazy<OrtValue>(() => Make(b))).Value;

    public void Dispose()
    {
        // One that failed holds its exception, and nothing to dispose.
        foreach (var made in _byBatch.Values.Where(static v => v.IsValueCreated))
            made.Value.Dispose();
        foreach (var memory in _memory.Values.Where(static m => m.IsValueCreated))
            memory.Value.Dispose();
    }

    private OrtValue Make(int batch)
    {
        long[] shape = [.. tensor.Shape.Select(d => d < 0 ? batch : d)];
        if (tensor.Datatype == "BYTES")
            return Texts(shape, (int)Elements(batch));
        var bytes = checked((int)Elements(batch) * tensor.ElementBytes);
        var rows = HasRows ? (int)Math.Min(Math.Max(batch, maxBatch), BitOperations.RoundUpToPowerOf2((uint)batch)) : 1;
        var memory = _memory.GetOrAdd(rows, r => new Lazy<NativeBuffer>(() => Filled(checked((int)Elements(r) * tensor.ElementBytes)))).Value;
        return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, tensor.ElementType, shape, memory.Pointer, bytes);
    }

    private NativeBuffer Filled(int bytes)
    {
        var memory = new NativeBuffer(Math.Max(1, bytes));
        NumberBytes.Write(tensor.Datatype, memory.Bytes[..bytes], value.Numbers.AsSpan());
        return memory;
    }

    private OrtValue Texts(long[] shape, int elements)
    {
        var made = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
        for (var i = 0; i < elements; i++)
            made.StringTensorSetElementAt(value.Texts[i % value.Texts.Length].AsSpan(), i);
        return made;
    }

    // In floating point: the product of a file's dimensions may be beyond any integer.
    private double Elements(int batch) => tensor.Shape.Aggregate(1.0, (product, d) => product * (d < 0 ? batch : d));
}
