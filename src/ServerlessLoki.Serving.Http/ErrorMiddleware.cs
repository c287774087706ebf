using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Http;

/// <summary>Middleware that gives every error the same body, and never shows exception texts.</summary>
internal sealed partial class ErrorMiddleware(RequestDelegate next, ILogger<ErrorMiddleware> logger)
{
    private const int CallerGone = 499;

    /// <summary>Retry time while the store accepts no writes: an operator has to free space.</summary>
    private static readonly TimeSpan StoreIn = TimeSpan.FromSeconds(10);

    public Task InvokeAsync(HttpContext context) => GuardAsync(context, next, logger);

    /// <summary>Runs an endpoint; every exception becomes an error answer.</summary>
    public static async Task GuardAsync(HttpContext context, RequestDelegate next, ILogger logger)
    {
        try
        {
            await next(context);
            if (!context.Response.HasStarted && context.Response.ContentLength is null && context.Response.StatusCode is 404 or 405)
                await EmptyAsync(context);
        }
        catch (ApiFaultException e) when (!context.Response.HasStarted)
        {
            if (e.EndsConnection)
            {
                LogUploadEnded(logger, context.Request.Path, e.Status, e.Message);
                if (!HttpProtocol.IsHttp2(context.Request.Protocol))
                    context.Response.Headers.Connection = "close";
            }

            await ErrorAnswer.WriteAsync(context, e);
        }
        catch (StoreUnavailableException e) when (!context.Response.HasStarted)
        {
            await ErrorAnswer.WriteAsync(context, 503, "unavailable", e.Message, StoreIn);
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException || context.RequestAborted.IsCancellationRequested)
        {
            LogCallerGone(logger, context.Request.Path, e.GetType().Name);
            if (!context.Response.HasStarted)
                context.Response.StatusCode = CallerGone;
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await ErrorAnswer.WriteAsync(context, e.StatusCode, e.StatusCode == 413 ? "too_large" : "bad_request", e.Message);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            LogUnexpected(logger, context.Request.Method, context.Request.Path, e);
            context.Response.Clear();
            await ErrorAnswer.WriteAsync(context, 500, "failed", "Something unexpected went wrong; the host's log has it.");
        }
    }

    private static Task EmptyAsync(HttpContext context)
    {
        var path = context.Request.Path.ToString();
        if (path.Length > 128)
            path = path[..128] + "…";
        return context.Response.StatusCode == 404
            ? ErrorAnswer.WriteAsync(context, 404, "not_found", $"Nothing is at {path}.")
            : ErrorAnswer.WriteAsync(
                context, 405, "method_not_allowed", $"{path} does not take {context.Request.Method}, only {context.Response.Headers.Allow}.");
    }

    [LoggerMessage(3100, LogLevel.Debug, "The caller of {Path} went away ({Cause})")]
    private static partial void LogCallerGone(ILogger logger, string path, string cause);

    [LoggerMessage(3102, LogLevel.Warning, "An upload to {Path} was ended with {Status}: {Why}")]
    private static partial void LogUploadEnded(ILogger logger, string path, int status, string why);

    [LoggerMessage(3101, LogLevel.Error, "{Method} {Path} broke")]
    private static partial void LogUnexpected(ILogger logger, string method, string path, Exception exception);
}
