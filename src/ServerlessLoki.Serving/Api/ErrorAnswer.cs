using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ServerlessLoki.Serving.Dispatch;

namespace ServerlessLoki.Serving.Api;

/// <summary>The one body of every error: <c>{"error": text, "code": cause}</c>, with <c>retry_after_ms</c> where coming back helps.</summary>
internal static class ErrorAnswer
{
    public static Task WriteAsync(HttpContext context, ApiFaultException fault) =>
        WriteAsync(context, fault.Status, fault.Code, fault.Message, fault.RetryAfter);

    /// <summary>For an outcome that is not completed.</summary>
    public static Task WriteAsync(HttpContext context, QueryOutcome outcome, string? error, TimeSpan? retryAfter) =>
        WriteAsync(context, QueryOutcomes.HttpStatus(outcome), QueryOutcomes.Code(outcome), error ?? "The query was not served.", retryAfter);

    public static Task WriteAsync(HttpContext context, int status, string code, string error, TimeSpan? retryAfter = null)
    {
        // Every "come back later" says when, whatever the cause forgot to.
        if (status is 429 or 503)
        {
            retryAfter ??= TimeSpan.FromSeconds(1);
            context.Response.Headers.RetryAfter = RetryAfter.Seconds(retryAfter.Value, context.TraceIdentifier).ToString(CultureInfo.InvariantCulture);
        }

        return JsonAnswer.WriteAsync(context, status, (code, error, retryAfter), static (json, e) => Write(json, e.code, e.error, e.retryAfter));
    }

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
