using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Serving.Runs;

/// <content>Log messages, ids 3200 to 3299.</content>
public sealed partial class RunService
{
    [LoggerMessage(3200, LogLevel.Information, "{Count} runs that an earlier process accepted are taken up again")]
    private static partial void LogTakenUp(ILogger logger, int count);

    [LoggerMessage(3201, LogLevel.Error, "An attempt at run {Id} broke; it is tried again")]
    private static partial void LogAttemptFailed(ILogger logger, string id, Exception exception);

    [LoggerMessage(3202, LogLevel.Debug, "Run {Id} had already ended; this result is dropped")]
    private static partial void LogEndedBefore(ILogger logger, string id);

    [LoggerMessage(3203, LogLevel.Warning, "Run {Id} has ended, but its input could not be deleted from the store")]
    private static partial void LogPayloadKept(ILogger logger, string id, Exception exception);

    [LoggerMessage(3204, LogLevel.Error, "{Fault} Runs are refused until it can; those that were accepted wait, and none is lost")]
    private static partial void LogStoreDown(ILogger logger, string fault);

    [LoggerMessage(3205, LogLevel.Warning, "The store takes runs again")]
    private static partial void LogStoreBack(ILogger logger);

    [LoggerMessage(3206, LogLevel.Error, "Runs that ended long ago could not be deleted")]
    private static partial void LogKeepFailed(ILogger logger, Exception exception);

    [LoggerMessage(3207, LogLevel.Warning, "Run {Id} had no answer after {Limit}; it begins again")]
    private static partial void LogNoAnswer(ILogger logger, string id, TimeSpan limit);
}
