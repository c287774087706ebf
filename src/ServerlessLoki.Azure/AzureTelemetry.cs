using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ServerlessLoki.Azure;

/// <summary>The meter and activity source of everything here.</summary>
public static class AzureTelemetry
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "ServerlessLoki.Azure";

    internal static readonly Meter Meter = new(Name);
    internal static readonly ActivitySource Activities = new(Name);
}
