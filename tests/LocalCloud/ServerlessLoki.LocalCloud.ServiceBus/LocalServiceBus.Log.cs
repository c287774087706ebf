using Microsoft.Extensions.Logging;

namespace ServerlessLoki.LocalCloud.ServiceBus;

internal static partial class LocalServiceBusLog
{
    [LoggerMessage(2, LogLevel.Warning, "{Lost}")]
    public static partial void JournalCut(this ILogger logger, string lost);
}
