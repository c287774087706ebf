using System.Text.Json;
using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Serving.Runs;

/// <summary>How to read a run's stored body again: the JSON in <c>RunRecord.Parameters</c>.</summary>
internal static class RunParameters
{
    /// <param name="headers">What the headers said.</param>
    /// <param name="most">Most bytes that reading the body takes.</param>
    public static string Write(InferHeaders headers, long most) => AnswerJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteString("form"u8, headers.Form.ToString());
        json.WriteNumber("json_length"u8, headers.JsonLength);
        if (headers.Deadline is { } deadline)
            json.WriteNumber("deadline_ms"u8, deadline.TotalMilliseconds);
        if (headers.MinAccuracy is { } least)
            json.WriteNumber("min_accuracy"u8, least);
        json.WriteNumber("most_bytes"u8, most);
        json.WriteEndObject();
    });

    /// <summary>A rotated picture in several passes, while it is decoded.</summary>
    private const long MostBytesAPixel = 16;

    /// <summary>Most bytes that executing the run takes; known before its body is loaded.</summary>
    public static long MostBytes(string parameters, InferLimits limits)
    {
        using var document = JsonDocument.Parse(parameters);
        // An earlier release did not note it.
        return document.RootElement.TryGetProperty("most_bytes", out var most) ? most.GetInt64() : limits.MaxBodyBytes + (MostBytesAPixel * limits.MaxPixels);
    }

    public static InferHeaders Read(string parameters)
    {
        using var document = JsonDocument.Parse(parameters);
        var root = document.RootElement;
        return new InferHeaders(
            // Runs that were stored when PNG was the only picture say so.
            root.GetProperty("form").GetString() is var form && form == "Png" ? BodyForm.Picture : Enum.Parse<BodyForm>(form!),
            root.GetProperty("json_length").GetInt32(),
            root.TryGetProperty("deadline_ms", out var ms) ? TimeSpan.FromMilliseconds(ms.GetDouble()) : null,
            root.TryGetProperty("min_accuracy", out var least) ? least.GetDouble() : null);
    }
}
