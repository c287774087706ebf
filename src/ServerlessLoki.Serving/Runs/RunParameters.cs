using System.Collections.Immutable;
using System.Text.Json;
using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Serving.Runs;

/// <summary>Parameters for reading a run's stored body again: the JSON in <c>RunRecord.Parameters</c>.</summary>
internal static class RunParameters
{
    /// <param name="headers">Headers of the request.</param>
    /// <param name="most">Most bytes that reading the body takes.</param>
    public static string Write(InferHeaders headers, long most) => AnswerJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteString("form"u8, headers.Form.ToString());
        json.WriteNumber("json_length"u8, headers.JsonLength);
        if (headers.Boundary is { } boundary)
            json.WriteString("boundary"u8, boundary);
        if (headers.Deadline is { } deadline)
            json.WriteNumber("deadline_ms"u8, deadline.TotalMilliseconds);
        if (headers.MinAccuracy is { } least)
            json.WriteNumber("min_accuracy"u8, least);
        json.WriteNumber("most_bytes"u8, most);
        if (headers.Arguments is { } arguments)
        {
            json.WriteStartObject("arguments"u8);
            foreach (var (name, value) in arguments)
                json.WriteString(name, value);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    });

    /// <summary>Returns the most bytes that executing the run takes; known before its body is loaded.</summary>
    public static long MostBytes(string parameters)
    {
        using var document = JsonDocument.Parse(parameters);
        return document.RootElement.GetProperty("most_bytes").GetInt64();
    }

    public static InferHeaders Read(string parameters)
    {
        using var document = JsonDocument.Parse(parameters);
        var root = document.RootElement;
        return new InferHeaders(
            Enum.Parse<BodyForm>(root.GetProperty("form").GetString()!),
            root.GetProperty("json_length").GetInt32(),
            root.TryGetProperty("deadline_ms", out var ms) ? TimeSpan.FromMilliseconds(ms.GetDouble()) : null,
            root.TryGetProperty("min_accuracy", out var least) ? least.GetDouble() : null)
        {
            Boundary = root.TryGetProperty("boundary", out var boundary) ? boundary.GetString() : null,
            Arguments = root.TryGetProperty("arguments", out var arguments)
                ? arguments.EnumerateObject().ToImmutableDictionary(static a => a.Name, static a => a.Value.GetString()!, StringComparer.Ordinal)
                : null,
        };
    }
}
