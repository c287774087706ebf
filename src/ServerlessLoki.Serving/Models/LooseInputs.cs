using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ServerlessLoki.Serving.Models;

/// <summary>Inputs of a <see cref="LooseRunner"/>: rows side by side in memory that is kept for the next run.</summary>
internal sealed class LooseInputs(OnnxModel model) : IDisposable
{
    /// <summary>Most bytes of one input in one run, and most bytes that are kept for the next run.</summary>
    private const int MostBytes = 1 << 30;
    private const int MostKept = 16 << 20;
    private readonly NativeBuffer?[] _buffers = new NativeBuffer?[model.Inputs.Length];

    /// <summary>Makes one tensor of rows of one shape; valid until the next call for this input.</summary>
    public OrtValue Of(ModelTensor input, LooseRow[] rows)
    {
        var batch = model.FixedBatch ?? rows.Length;
        long[] shape = model.HasBatch ? [batch, .. rows[0].Shape] : rows[0].Shape;
        return input.ElementType == TensorElementType.String ? Text(shape, rows) : Numbers(input, shape, rows, batch);
    }

    /// <summary>Frees the memory that an unusually large run took.</summary>
    public void Trim()
    {
        for (var i = 0; i < _buffers.Length; i++)
        {
            if (_buffers[i] is not { } buffer || buffer.Bytes.Length <= MostKept)
                continue;
            buffer.Dispose();
            _buffers[i] = null;
        }
    }

    public void Dispose()
    {
        foreach (var buffer in _buffers)
            buffer?.Dispose();
    }

    private OrtValue Numbers(ModelTensor input, long[] shape, LooseRow[] rows, int batch)
    {
        var rowBytes = rows[0].Bytes.Length;
        if ((long)rowBytes * batch > MostBytes)
        {
            var because = $"{batch} rows of {rowBytes} bytes of input '{input.Name}' are more than {MostBytes >> 20} MB a run";
            throw new ModelException($"Model '{model.Name}' cannot run: {because}.") { Cause = because };
        }

        var bytes = rowBytes * batch;
        var buffer = _buffers[input.Index];
        if (buffer is null || buffer.Bytes.Length < bytes)
        {
            buffer?.Dispose();
            _buffers[input.Index] = buffer = new NativeBuffer(Math.Max(1, bytes));
        }

        for (var row = 0; row < rows.Length; row++)
            rows[row].Bytes.Span.CopyTo(buffer.Bytes[(row * rowBytes)..]);
        // A model of a fixed batch computes the places beside as well: they hold zeros.
        buffer.Bytes[(rows.Length * rowBytes)..bytes].Clear();
        return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, input.ElementType, shape, buffer.Pointer, bytes);
    }

    private static OrtValue Text(long[] shape, LooseRow[] rows)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
        try
        {
            var at = 0;
            foreach (var row in rows)
            {
                foreach (var element in TextElements.Of(row.Bytes))
                    value.StringTensorSetElementAt(element.Span, at++);
            }

            return value;
        }
        catch
        {
            value.Dispose();
            throw;
        }
    }
}
