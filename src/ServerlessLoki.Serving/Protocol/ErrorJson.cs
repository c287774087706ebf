using System.Text.Json;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Body of every error: <c>{"error": text, "code": cause}</c>, with <c>retry_after_ms</c> where a retry helps.</summary>
internal static class ErrorJson
{
    public static void Write(Utf8JsonWriter json, string code, string error, TimeSpan? retryAfter)
    {
        json.WriteStartObject();
        json.WriteString("error"u8, error);
        json.WriteString("code"u8, code);
        if (retryAfter is { } after)
            json.WriteNumber("retry_after_ms"u8, Math.Max(1, (long)Math.Ceiling(after.TotalMilliseconds)));
        json.WriteEndObject();
    }
}
