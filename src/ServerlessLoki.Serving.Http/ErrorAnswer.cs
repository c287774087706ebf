using System.Globalization;
using Microsoft.AspNetCore.Http;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Http;

/// <summary>Answers a request with an error; its body is an <see cref="ErrorJson"/>.</summary>
internal static class ErrorAnswer
{
    public static Task WriteAsync(HttpContext context, ApiFaultException fault) =>
        WriteAsync(context, fault.Status, fault.Code, fault.Message, fault.RetryAfter);

    /// <summary>Writes the error of an outcome that is not completed.</summary>
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

        return JsonAnswer.WriteAsync(context, status, (code, error, retryAfter), static (json, e) => ErrorJson.Write(json, e.code, e.error, e.retryAfter));
    }
}
