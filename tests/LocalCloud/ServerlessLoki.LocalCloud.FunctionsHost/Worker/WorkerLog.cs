using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Worker;

/// <summary>Writer of the worker's log messages under the categories of host.json's log levels.</summary>
internal sealed class WorkerLog(ILoggerFactory logs)
{
    private readonly ConcurrentDictionary<string, ILogger> _loggers = new(StringComparer.Ordinal);

    public void Write(RpcLog entry, string? function)
    {
        var category = entry.LogCategory == RpcLog.Types.RpcLogCategory.User && function is not null ? $"Function.{function}.User" : entry.Category is { Length: > 0 } own ? own : "Worker";
        var text = entry.Exception is { } exception ? $"{entry.Message}{Environment.NewLine}{exception.Message}{Environment.NewLine}{exception.StackTrace}" : entry.Message;
        // The text is the worker's, with braces of its own: it is a value, no template.
        _loggers.GetOrAdd(category, static (c, l) => l.CreateLogger(c), logs).Log((LogLevel)entry.Level, default, text, null, static (t, _) => t);
    }
}
