using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Serving.Control;

/// <summary>Log messages of the control loop; ids 2200–2299.</summary>
internal static partial class ControlLog
{
    [LoggerMessage(2200, LogLevel.Error, "A control period failed; the plan in force stays")]
    public static partial void TickFailed(this ILogger logger, Exception exception);

    [LoggerMessage(2201, LogLevel.Error, "A new plan could not be applied; the plan in force stays")]
    public static partial void ApplyFailed(this ILogger logger, Exception exception);
}
