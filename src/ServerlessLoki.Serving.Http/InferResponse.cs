using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Serving.Http;

/// <summary>Writer of the answer of an inference: JSON, or JSON followed by the binary tensors.</summary>
internal static class InferResponse
{
    /// <summary>Writes the answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="model">Model name.</param>
    /// <param name="id">Id of the caller.</param>
    /// <param name="outputs">Outputs to write; <c>Binary</c> ones follow the JSON.</param>
    /// <param name="parameters">Writes the members of <c>parameters</c>; null = none.</param>
    /// <param name="state">Argument of <paramref name="parameters"/>.</param>
    public static async Task WriteAsync<TState>(
        HttpContext context, string model, string? id, List<(OutputTensor Tensor, bool Binary)> outputs,
        Action<Utf8JsonWriter, TState>? parameters, TState state)
    {
        var response = context.Response;
        var pipe = response.BodyWriter;
        var header = new ArrayBufferWriter<byte>(512);
        await using (var json = new Utf8JsonWriter(header, AnswerJson.Options))
            InferJson.Write(json, model, id, outputs, parameters, state);
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
}
