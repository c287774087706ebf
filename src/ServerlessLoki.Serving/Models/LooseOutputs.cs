using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Models;

/// <summary>Division of a run's outputs among its rows.</summary>
internal static class LooseOutputs
{
    /// <summary>Added to the name of an output of maps for its keys; ZipMap gives such.</summary>
    public const string Label = ".label";

    /// <summary>Added to the name of an output of maps for its values.</summary>
    public const string Score = ".score";

    /// <summary>Adds an output's part to each row.</summary>
    /// <exception cref="ModelException">The output cannot be divided into rows.</exception>
    public static void Add(OnnxModel model, ModelTensor output, OrtValue value, ImmutableArray<TensorPart>.Builder[] rows)
    {
        if (output.IsMap)
        {
            AddMaps(model, output, value, rows);
            return;
        }

        var shape = value.GetTensorTypeAndShape().Shape;
        var batch = model.FixedBatch ?? rows.Length;
        var layout = model.Layout.Outputs[output.Index];
        // Alone, a row has all that the model gave, whatever its size is.
        var isWhole = !model.HasBatch || layout.Axis < 0 || (batch == 1 && !layout.Holds(shape, 1));
        if (!isWhole && !layout.Holds(shape, batch))
        {
            var because = $"the size of output '{output.Name}' depends on the data";
            if (batch > 1)
                model.Hold(because);
            throw new ModelException($"Model '{model.Name}' cannot share a batch of {rows.Length} out: {because}.") { Cause = because };
        }

        var row = isWhole ? [.. shape] : layout.BatchFirst(shape, batch).ToImmutableArray().RemoveAt(0);
        if (output.ElementType == TensorElementType.String)
            AddText(output, value, isWhole ? 1 : batch, row, rows);
        else
            AddNumbers(output, value, isWhole ? default : layout, isWhole ? 1 : batch, row, rows);
    }

    private static void AddNumbers(ModelTensor output, OrtValue value, OutputLayout layout, int batch, ImmutableArray<long> row, ImmutableArray<TensorPart>.Builder[] rows)
    {
        ReadOnlySpan<byte> bytes = value.GetTensorMutableRawData();
        if (layout.Axis > 0)
        {
            var gathered = new byte[bytes.Length];
            layout.Gather(bytes, value.GetTensorTypeAndShape().Shape, batch, gathered);
            bytes = gathered;
        }

        var each = bytes.Length / batch;
        for (var i = 0; i < rows.Length; i++)
            rows[i].Add(new TensorPart(output.Name, output.Datatype, row, bytes.Slice(i * each, each).ToArray()));
    }

    private static void AddText(ModelTensor output, OrtValue value, int batch, ImmutableArray<long> row, ImmutableArray<TensorPart>.Builder[] rows)
    {
        var each = (int)value.GetTensorTypeAndShape().ElementCount / batch;
        for (var i = 0; i < rows.Length; i++)
        {
            using var text = new MemoryStream();
            for (var e = 0; e < each; e++)
                TextElements.Add(text, value.GetStringElementAsSpan((i * each) + e));
            rows[i].Add(new TensorPart(output.Name, output.Datatype, row, text.ToArray()));
        }
    }

    /// <summary>Adds the keys and values of a sequence of maps, which has a map for each row.</summary>
    private static void AddMaps(OnnxModel model, ModelTensor output, OrtValue value, ImmutableArray<TensorPart>.Builder[] rows)
    {
        if (value.GetValueCount() < rows.Length)
            throw new ModelException($"Model '{model.Name}': output '{output.Name}' has {value.GetValueCount()} maps for {rows.Length} rows.");
        for (var i = 0; i < rows.Length; i++)
        {
            using var map = value.GetValue(i, OrtAllocator.DefaultInstance);
            using var keys = map.GetValue(0, OrtAllocator.DefaultInstance);
            using var values = map.GetValue(1, OrtAllocator.DefaultInstance);
            ImmutableArray<long> shape = [keys.GetTensorTypeAndShape().ElementCount];
            rows[i].Add(new TensorPart(output.Name + Label, output.KeyDatatype!, shape, Keys(keys, output.KeyDatatype!)));
            rows[i].Add(new TensorPart(output.Name + Score, output.Datatype, shape, values.GetTensorMutableRawData().ToArray()));
        }
    }

    private static byte[] Keys(OrtValue keys, string datatype)
    {
        if (datatype != "BYTES")
            return MemoryMarshal.AsBytes(keys.GetTensorDataAsSpan<long>()).ToArray();
        using var text = new MemoryStream();
        for (var i = 0; i < keys.GetTensorTypeAndShape().ElementCount; i++)
            TextElements.Add(text, keys.GetStringElementAsSpan(i));
        return text.ToArray();
    }
}
