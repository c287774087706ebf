using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Serving.Distributed;

/// <summary>Log messages of the distributed engines; ids 2500–2599.</summary>
internal static partial class DistributedLog
{
    [LoggerMessage(2500, LogLevel.Warning, "Could not read plan or leases, or write reports; what is in force stays")]
    public static partial void LookFailed(this ILogger logger, Exception exception);

    [LoggerMessage(2501, LogLevel.Information, "Worker {Worker} runs plan {Version}: {Places}")]
    public static partial void Follows(this ILogger logger, string worker, long version, string places);

    [LoggerMessage(2502, LogLevel.Error, "Worker {Worker} cannot load variant {Variant} and leaves it to others for a while")]
    public static partial void Refused(this ILogger logger, Exception exception, string worker, string variant);

    [LoggerMessage(2503, LogLevel.Information, "Sent {Items} items on that came late to {Queue}")]
    public static partial void Swept(this ILogger logger, int items, string queue);

    [LoggerMessage(2504, LogLevel.Error, "A reply could not be used: {Why}")]
    public static partial void BadReply(this ILogger logger, string why);

    [LoggerMessage(2505, LogLevel.Warning, "A query's payload could not be deleted; the store's own age limit will")]
    public static partial void DeleteFailed(this ILogger logger, Exception exception);

    [LoggerMessage(2506, LogLevel.Information, "Published plan {Version} for {Demand} queries/s: {Why}")]
    public static partial void Published(this ILogger logger, long version, string demand, string why);

    [LoggerMessage(2507, LogLevel.Information, "Another planner published in between; this step's plan is dropped")]
    public static partial void LostToAnother(this ILogger logger);

    [LoggerMessage(2508, LogLevel.Warning, "Device {Device} could not be scaled to {Slots} slots; its last state stays")]
    public static partial void ScaleFailed(this ILogger logger, Exception exception, string device, int slots);

    [LoggerMessage(2509, LogLevel.Error, "Worker {Worker} gives back {Places} places of variant {Variant}: {Cause}")]
    public static partial void GaveBack(this ILogger logger, string worker, int places, string variant, string cause);

    [LoggerMessage(2510, LogLevel.Information, "Planner {Planner} {State}")]
    public static partial void Leads(this ILogger logger, string planner, string state);
}
