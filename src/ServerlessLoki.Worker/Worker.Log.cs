using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Worker;

/// <summary>Log messages of the worker process; ids 5000–5099.</summary>
internal static partial class WorkerLog
{
    [LoggerMessage(5000, LogLevel.Information, "Worker {Worker} starts: {Settings}")]
    public static partial void Starts(this ILogger logger, string worker, string settings);

    [LoggerMessage(5001, LogLevel.Information, "Worker {Worker} serves {Pipelines}")]
    public static partial void Serves(this ILogger logger, string worker, string pipelines);

    [LoggerMessage(5002, LogLevel.Critical, "The worker cannot start")]
    public static partial void CannotStart(this ILogger logger, Exception exception);

    [LoggerMessage(5003, LogLevel.Information, "Draining: no new work is taken, what runs is ended, at most {Drain}")]
    public static partial void Draining(this ILogger logger, TimeSpan drain);

    [LoggerMessage(5004, LogLevel.Warning, "Draining took longer than {Drain}: what is left comes to other workers when its locks expire")]
    public static partial void DrainTooLong(this ILogger logger, TimeSpan drain);

    [LoggerMessage(5005, LogLevel.Information, "Variants {Variants} have no latencies for {Device}: measuring them briefly")]
    public static partial void Measuring(this ILogger logger, string variants, string device);
}
