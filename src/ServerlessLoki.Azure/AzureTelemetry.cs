using System.Diagnostics.Metrics;

namespace ServerlessLoki.Azure;

/// <summary>The meter of everything here; spans are the Azure clients' own (sources <c>Azure.*</c>).</summary>
public static class AzureTelemetry
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "ServerlessLoki.Azure";

    internal static readonly Meter Meter = new(Name);
}
