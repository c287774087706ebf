using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ServerlessLoki.Serving.Api;

/// <summary>Writes the answer of an inference: JSON, or JSON followed by the binary tensors.</summary>
internal static class InferResponse
{
    public const string Version = "1";

    /// <summary>Writes it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="model">Model name.</param>
    /// <param name="id">The caller's id.</param>
    /// <param name="outputs">What to write; <c>Binary</c> ones follow the JSON.</param>
    /// <param name="parameters">Writes the members of <c>parameters</c>; null = none.</param>
    /// <param name="state">Given to <paramref name="parameters"/>.</param>
    public static async Task WriteAsync<TState>(
        HttpContext context, string model, string? id, List<(OutputTensor Tensor, bool Binary)> outputs,
        Action<Utf8JsonWriter, TState>? parameters, TState state)
    {
        var response = context.Response;
        var pipe = response.BodyWriter;
        var header = new ArrayBufferWriter<byte>(512);
        await using (var json = new Utf8JsonWriter(header, JsonAnswer.Options))
            Write(json, model, id, outputs, parameters, state);
        long length = header.WrittenCount;
        var isBinary = false;
        foreach (var (tensor, binary) in outputs)
        {
            isBinary |= binary;
            length += binary ? tensor.Bytes.Length : 0;
        }

        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = isBinary ? "application/octet-stream" : "application/json";
        response.ContentLength = length;
        if (isBinary)
            response.Headers[InferHeaders.JsonLengthHeader] = header.WrittenCount.ToString(CultureInfo.InvariantCulture);
        pipe.Write(header.WrittenSpan);
        foreach (var (tensor, binary) in outputs)
        {
            if (binary)
                pipe.Write(tensor.Bytes.Span);
        }

        await pipe.FlushAsync(context.RequestAborted);
    }

    public static void Write<TState>(
        Utf8JsonWriter json, string model, string? id, List<(OutputTensor Tensor, bool Binary)> outputs,
        Action<Utf8JsonWriter, TState>? parameters, TState state)
    {
        json.WriteStartObject();
        json.WriteString("model_name"u8, model);
        json.WriteString("model_version"u8, Version);
        if (id is not null)
            json.WriteString("id"u8, id);
        if (parameters is not null)
        {
            json.WriteStartObject("parameters"u8);
            parameters(json, state);
            json.WriteEndObject();
        }

        json.WriteStartArray("outputs"u8);
        foreach (var (tensor, binary) in outputs)
            Write(json, tensor, binary);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, OutputTensor tensor, bool binary)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, tensor.Name);
        json.WriteString("datatype"u8, tensor.Datatype.Name());
        json.WriteStartArray("shape"u8);
        foreach (var dimension in tensor.Shape)
            json.WriteNumberValue(dimension);
        json.WriteEndArray();
        if (binary || tensor.Labels is not null)
        {
            json.WriteStartObject("parameters"u8);
            if (binary)
                json.WriteNumber("binary_data_size"u8, tensor.Bytes.Length);
            if (tensor.Labels is not null)
                json.WriteString("labels"u8, tensor.Labels);
            json.WriteEndObject();
        }

        if (!binary)
        {
            json.WriteStartArray("data"u8);
            TensorText.Write(json, tensor.Datatype, tensor.Bytes.Span);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
