using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace ServerlessLoki.Serving.Models;

/// <summary>Inputs of a model that have the same value in every run. Callers do not see them. Thread-safe.</summary>
internal sealed class ModelConstants : IDisposable
{
    private const int MostBytes = 256 << 20;
    private readonly ImmutableArray<(ModelTensor Tensor, ImmutableArray<double> Values)> _all;
    private readonly ConcurrentDictionary<int, Lazy<Bound[]>> _byBatch = new();

    private ModelConstants(ImmutableArray<(ModelTensor, ImmutableArray<double>)> all)
    {
        _all = all;
        Names = [.. all.Select(static c => c.Item1.Name)];
        Text = string.Join(';', all.Select(static c => $"{c.Item1.Name}={string.Join(',', c.Item2.Select(static v => v.ToString("R", CultureInfo.InvariantCulture)))}"));
    }

    /// <summary>The inputs' names, in the order of the values.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Names with their values; equal texts stand for equal constants.</summary>
    public string Text { get; }

    /// <summary>Finds the inputs, or initialisers that callers may replace.</summary>
    /// <exception cref="ModelException">Names or values do not fit the model; says all of it.</exception>
    public static ModelConstants Of(InferenceSession session, ImmutableSortedDictionary<string, ImmutableArray<double>> values)
    {
        var faults = new List<string>();
        var all = ImmutableArray.CreateBuilder<(ModelTensor, ImmutableArray<double>)>();
        foreach (var (name, of) in values)
        {
            if (!session.InputMetadata.TryGetValue(name, out var node) && !session.OverridableInitializerMetadata.TryGetValue(name, out node))
            {
                faults.Add($"\"constants\" names '{name}', which is no input of it; it has {string.Join(", ", session.InputNames.Concat(session.OverridableInitializerMetadata.Keys))}");
                continue;
            }

            var tensor = ModelTensor.From(name, 0, node);
            if (Fault(tensor, of) is { } fault)
                faults.Add(fault);
            all.Add((tensor, of));
        }

        return faults.Count == 0 ? new ModelConstants(all.ToImmutable()) : throw new ModelException($"{string.Join("; ", faults)}.");
    }

    /// <summary>The values for a run, in the order of <see cref="Names"/>; they stay this object's.</summary>
    /// <param name="batch">Rows of the run.</param>
    public IEnumerable<OrtValue> For(int batch) => _all.IsEmpty ? [] : _byBatch.GetOrAdd(
        batch, b => new Lazy<Bound[]>(() => [.. _all.Select(c => new Bound(c.Tensor, c.Values, b))])).Value.Select(static b => b.Value);

    public void Dispose()
    {
        // One that failed holds its exception, and nothing to dispose.
        foreach (var bound in _byBatch.Values.Where(static b => b.IsValueCreated).SelectMany(static b => b.Value))
            bound.Dispose();
    }

    private static string? Fault(ModelTensor tensor, ImmutableArray<double> values)
    {
        if (tensor.ElementBytes == 0 || tensor.IsMap || tensor.Datatype == "BF16")
            return $"constant '{tensor.Name}' is {tensor.Datatype}; numbers and BOOL can be constants";
        if (tensor.Shape.Skip(1).Any(static d => d < 0))
            return $"constant {tensor}: only its first dimension may be open: export it with a fixed size";
        var elements = Elements(tensor, 1);
        if (values.Length != 1 && values.Length != elements)
            return $"constant {tensor} has {values.Length} values; it takes one for all, or {elements}";
        var isWhole = tensor.Datatype is not ("FP16" or "FP32" or "FP64" or "BOOL");
        return isWhole && values.Any(static v => v != Math.Floor(v)) ? $"constant {tensor} takes whole numbers" : null;
    }

    private static int Elements(ModelTensor tensor, int batch) =>
        (int)tensor.Shape.Aggregate(1L, (product, d) => checked(product * (d < 0 ? batch : d)));

    /// <summary>One value in native memory, repeated for each row where the first dimension is the batch.</summary>
    private sealed class Bound : IDisposable
    {
        private readonly NativeBuffer _memory;

        public Bound(ModelTensor tensor, ImmutableArray<double> values, int batch)
        {
            var elements = Elements(tensor, batch);
            var bytes = checked(elements * tensor.ElementBytes);
            if (bytes > MostBytes)
                throw new ModelException($"constant {tensor} has {bytes >> 20} MB; at most {MostBytes >> 20} MB are served.");
            _memory = new NativeBuffer(Math.Max(1, bytes));
            Write(tensor.Datatype, _memory.Bytes[..bytes], values);
            long[] shape = [.. tensor.Shape.Select(d => d < 0 ? batch : d)];
            Value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, tensor.ElementType, shape, _memory.Pointer, bytes);
        }

        public OrtValue Value { get; }

        public void Dispose()
        {
            Value.Dispose();
            _memory.Dispose();
        }
    }

    private static void Write(string datatype, Span<byte> target, ImmutableArray<double> values)
    {
        switch (datatype)
        {
            case "FP16": Fill<Half>(target, values); break;
            case "FP32": Fill<float>(target, values); break;
            case "FP64": Fill<double>(target, values); break;
            case "INT64": Fill<long>(target, values); break;
            case "UINT64": Fill<ulong>(target, values); break;
            case "INT32": Fill<int>(target, values); break;
            case "UINT32": Fill<uint>(target, values); break;
            case "INT16": Fill<short>(target, values); break;
            case "UINT16": Fill<ushort>(target, values); break;
            case "INT8": Fill<sbyte>(target, values); break;
            case "BOOL": Fill<byte>(target, [.. values.Select(static v => v == 0 ? 0.0 : 1)]); break;
            default: Fill<byte>(target, values); break;
        }
    }

    private static void Fill<T>(Span<byte> target, ImmutableArray<double> values)
        where T : unmanaged, INumberBase<T>
    {
        var elements = MemoryMarshal.Cast<byte, T>(target);
        for (var i = 0; i < elements.Length; i++)
            elements[i] = T.CreateSaturating(values[i % values.Length]);
    }
}
