using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Log messages of the dispatcher; ids 2100–2199.</summary>
internal static partial class DispatchLog
{
    [LoggerMessage(2100, LogLevel.Error, "Could not send an item of task {Task} to its queue")]
    public static partial void SendFailed(this ILogger logger, Exception exception, int task);

    [LoggerMessage(2101, LogLevel.Error, "Looking for expired queries failed; the next look follows at once")]
    public static partial void ExpiryFailed(this ILogger logger, Exception exception);

    [LoggerMessage(2102, LogLevel.Warning, "{Why}")]
    public static partial void Unreachable(this ILogger logger, string why);
}
