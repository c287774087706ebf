using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Serving.Http;

/// <summary>Writes small JSON documents.</summary>
internal static class JsonAnswer
{
    /// <summary>Writes one document with its length known.</summary>
    public static async Task WriteAsync<TState>(HttpContext context, int status, TState state, Action<Utf8JsonWriter, TState> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        await using (var json = new Utf8JsonWriter(buffer, AnswerJson.Options))
            write(json, state);
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = buffer.WrittenCount;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.BodyWriter.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }
}
