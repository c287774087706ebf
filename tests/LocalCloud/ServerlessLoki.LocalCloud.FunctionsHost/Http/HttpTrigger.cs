using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ServerlessLoki.LocalCloud.FunctionsHost.Functions;
using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;
using ServerlessLoki.LocalCloud.FunctionsHost.Settings;
using ServerlessLoki.LocalCloud.FunctionsHost.Worker;
using Yarp.ReverseProxy.Forwarder;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Http;

/// <summary>HTTP trigger: sends the invocation to the worker and forwards the request to the worker's own HTTP server.</summary>
internal sealed partial class HttpTrigger(FunctionCaller functions, IHttpForwarder forwarder, HttpKeys? keys, ILogger logger) : IDisposable
{
    private const string KeyHeader = "x-functions-key";
    private const string KeyQuery = "code";

    /// <summary>Forwarding options without a limit on pauses in the traffic; the function's own time limit applies.</summary>
    private static readonly ForwarderRequestConfig Unhurried = new() { ActivityTimeout = Timeout.InfiniteTimeSpan };

    /// <summary>Time to wait for the end of an invocation whose request did not reach its function.</summary>
    private static readonly TimeSpan Unanswered = TimeSpan.FromSeconds(5);
    private readonly HttpMessageInvoker _worker = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null });

    public async Task HandleAsync(HttpContext context, FunctionInfo function)
    {
        if (!IsAllowed(keys, context.Request, function.Trigger.Text("authLevel")))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        try
        {
            var values = context.Request.RouteValues.Select(static v => KeyValuePair.Create(v.Key, v.Value?.ToString() ?? ""));
            using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            var call = await functions.BeginAsync(function, new TypedData { Http = new RpcHttp() }, values, abandoned.Token);
            var uri = call.HttpUri ?? throw new NotSupportedException("The worker has no HTTP server: this host takes apps that use ConfigureFunctionsWebApplication.");
            var error = await forwarder.SendAsync(context, uri.AbsoluteUri, _worker, Unhurried, new ForwardedRequest(call.Id), call.Overdue);
            if (error is not ForwarderError.None && !call.Overdue.IsCancellationRequested)
            {
                // The forwarder has answered: the worker would wait for the request until the function's time is over.
                if (error is not ForwarderError.RequestCanceled)
                    LogNotForwarded(logger, function.Name, error);
                await abandoned.CancelAsync();
                await ((Task)call.Result).WaitAsync(Unanswered).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }

            await call.Result;
        }
        catch (Exception exception)
        {
            LogFailed(logger, function.Name, FunctionFailedException.CauseOf(exception));
            if (!context.Response.HasStarted)
            {
                context.Response.Clear();
                context.Response.StatusCode = exception is WorkerProcessExitException ? StatusCodes.Status502BadGateway : StatusCodes.Status500InternalServerError;
            }
            else if (!context.RequestAborted.IsCancellationRequested)
            {
                context.Abort();
            }
        }
    }

    public void Dispose() => _worker.Dispose();

    /// <summary>Tests whether a request may call functions of this level: no keys are required, or the request has one for the
    /// level.</summary>
    internal static bool IsAllowed(HttpKeys? keys, HttpRequest request, string? level)
    {
        if (keys is null || string.Equals(level, "anonymous", StringComparison.OrdinalIgnoreCase))
            return true;
        var given = request.Headers[KeyHeader].FirstOrDefault() ?? request.Query[KeyQuery].FirstOrDefault();
        return given is not null && (AreSame(given, keys.Master) || (AreSame(given, keys.Function) && !string.Equals(level, "admin", StringComparison.OrdinalIgnoreCase)));
    }

    private static bool AreSame(string given, string key) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(key));

    [LoggerMessage(20, LogLevel.Warning, "A request to function {Function} was not forwarded: {Error}")]
    private static partial void LogNotForwarded(ILogger logger, string function, ForwarderError error);

    [LoggerMessage(21, LogLevel.Error, "Function {Function} failed: {Cause}")]
    private static partial void LogFailed(ILogger logger, string function, string cause);
}
