using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Log messages of the workers; ids 2000–2099.</summary>
internal static partial class WorkersLog
{
    [LoggerMessage(2000, LogLevel.Debug, "Unloaded variant {Pipeline}/{Task}/{Variant}")]
    public static partial void Unloaded(this ILogger logger, int pipeline, int task, int variant);

    [LoggerMessage(2001, LogLevel.Error, "Slot {Slot} failed on {Queue}; its {Rows} rows are tried again elsewhere or answered with an error")]
    public static partial void BatchFailed(this ILogger logger, Exception exception, string slot, string queue, int rows);

    [LoggerMessage(2002, LogLevel.Information, "Plan {Version}: {Swaps} slots changed variant in {Milliseconds:0} ms")]
    public static partial void Applied(this ILogger logger, long version, int swaps, double milliseconds);

    [LoggerMessage(2003, LogLevel.Error, "Could not load {Queue}; the plan in force stays")]
    public static partial void LoadFailed(this ILogger logger, Exception exception, string queue);

    [LoggerMessage(2004, LogLevel.Error, "A compute thread of {Device} met an unexpected error and goes on")]
    public static partial void ThreadFault(this ILogger logger, Exception exception, string device);

    [LoggerMessage(2005, LogLevel.Warning, "Slot {Slot} is held by another worker; it tries again with the next plan")]
    public static partial void ClaimLost(this ILogger logger, string slot);

    [LoggerMessage(2006, LogLevel.Warning, "Could not settle an item with its queue")]
    public static partial void SettleFailed(this ILogger logger, Exception exception);

    [LoggerMessage(2008, LogLevel.Error, "Slot {Slot} lost its worker and {Queue} cannot be loaded again; it is tried again in a while")]
    public static partial void RestoreFailed(this ILogger logger, Exception exception, string slot, string queue);

    [LoggerMessage(2009, LogLevel.Error, "No slot runs {Queue} any more ({Cause}); {Rows} rows go to other variants")]
    public static partial void Deserted(this ILogger logger, string queue, string cause, int rows);

    [LoggerMessage(2013, LogLevel.Error, "Maintenance of the slots failed; it is tried again in a while")]
    public static partial void CareFailed(this ILogger logger, Exception exception);

    [LoggerMessage(2011, LogLevel.Warning, "{Rows} rows for {Queue} were refused: {Cause}")]
    public static partial void RowsRefused(this ILogger logger, StageKey queue, int rows, string cause);

    [LoggerMessage(2012, LogLevel.Error, "Variant {Variant} answers with values that are not numbers; plans do without it for {Seconds} s")]
    public static partial void NotNumbers(this ILogger logger, string variant, long seconds);

    [LoggerMessage(2010, LogLevel.Warning, "Variant {Variant} runs one row at a time: {Cause}")]
    public static partial void HeldAtOne(this ILogger logger, string variant, string cause);

    [LoggerMessage(2015, LogLevel.Warning, "Variant {Variant} tells {Ignored} classes more than task {Task} has labels ({Labels}); what it finds of them is ignored")]
    public static partial void ClassesIgnored(this ILogger logger, string variant, int ignored, string task, int labels);

    [LoggerMessage(2014, LogLevel.Error, "Variant {Variant} was asked for directly and cannot be loaded; the next attempt is made in {Pause} at the earliest")]
    public static partial void DirectLoadFailed(this ILogger logger, Exception exception, string variant, TimeSpan pause);

    [LoggerMessage(2007, LogLevel.Warning, "Variant {Variant} runs on the processor: {Cause}")]
    public static partial void ProviderFallback(this ILogger logger, string variant, string cause);
}
