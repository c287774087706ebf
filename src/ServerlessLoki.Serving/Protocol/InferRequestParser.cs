using System.Text.Json;
using ServerlessLoki.Serving.Memory;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Parser of the body of an Open Inference Protocol request: JSON, or JSON followed by binary tensors.</summary>
/// <remarks>Knows no model: names, shapes and datatypes are checked against the model by <see cref="PipelineQuery"/>
/// and <see cref="VariantQuery"/>. Tensors in binary form stay where they are in the body.</remarks>
internal static class InferRequestParser
{
    /// <summary>Reads a request.</summary>
    /// <param name="body">The whole body; owned by the returned request, and by this call when it throws. What is read out of it is
    /// charged to its share.</param>
    /// <param name="jsonLength">Bytes of the JSON part; null = all of it.</param>
    /// <param name="limits">What may be asked for.</param>
    /// <param name="arguments">Takes the values of the pipeline's parameters; null = there are none.</param>
    /// <exception cref="ApiFaultException">400 with every fault, 413, 422 for a datatype without JSON form, or 429 where there is no room for the tensors.</exception>
    public static InferRequest Parse(PooledBytes body, int? jsonLength, InferLimits limits, QueryArguments? arguments = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(limits);
        var memory = new RequestMemory(body);
        try
        {
            var length = jsonLength ?? body.Length;
            if (length > body.Length)
            {
                throw ApiFaultException.Bad(
                    $"{InferHeaders.JsonLengthHeader}: {length} is more than the {body.Length} bytes of the body.");
            }

            var json = new RequestJson(limits, memory, arguments);
            json.Read(body.Memory.Span[..length]);
            var inputs = Bind(json, body.Memory[length..], jsonLength is not null, limits);
            json.Faults.ThrowIfAny();
            return new InferRequest(json.Id, json.Parameters, inputs, json.Outputs, json.BinaryOutput, memory) { WantsProbabilities = json.WantsProbabilities };
        }
        catch (Exception e)
        {
            memory.Dispose();
            throw e switch
            {
                JsonException malformed => ApiFaultException.Bad(Position(malformed)),
                // The reader's answer to text that is not UTF-8 or has half of a surrogate pair.
                InvalidOperationException => ApiFaultException.Bad("The JSON holds text that is not valid Unicode."),
                _ => e,
            };
        }
    }

    /// <summary>Splits the binary part into the tensors that the JSON part lists.</summary>
    private static InferTensor[] Bind(RequestJson json, ReadOnlyMemory<byte> binary, bool isBinary, InferLimits limits)
    {
        var tensors = new InferTensor[json.Inputs.Count];
        var offset = 0;
        for (var i = 0; i < tensors.Length; i++)
        {
            var input = json.Inputs[i];
            if (input.BinarySize is not { } size)
            {
                tensors[i] = new InferTensor(input.Name, input.Datatype, input.Shape, input.Data);
                continue;
            }

            var path = $"$.inputs[{i}]";
            if (!isBinary)
            {
                json.Faults.Add(path, $"binary_data_size needs the header {InferHeaders.JsonLengthHeader}");
            }
            else if (size > binary.Length - offset)
            {
                json.Faults.Add(path, $"binary_data_size is {size}, but only {binary.Length - offset} bytes are left in the body");
            }
            else
            {
                var bytes = binary.Slice(offset, (int)size);
                offset += (int)size;
                BinaryTensors.Check(json.Faults, path, input.Datatype, input.Shape, bytes.Span, limits);
                tensors[i] = new InferTensor(input.Name, input.Datatype, input.Shape, bytes);
            }
        }

        if (json.Faults.IsEmpty && isBinary && offset != binary.Length)
            json.Faults.Add("$", $"the body has {binary.Length - offset} bytes after its last tensor");
        return tensors;
    }

    private static string Position(JsonException e)
    {
        var text = e.Message;
        var cut = text.IndexOf(" LineNumber:", StringComparison.Ordinal);
        if (cut >= 0)
            text = text[..cut];
        if (text.Length > 200)
            text = text[..200] + "…";
        return $"The JSON is malformed at line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}: {text}";
    }
}
