using System.Diagnostics.Metrics;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Azure;

/// <summary>The meter of everything here; spans are the Azure clients' own (sources <c>Azure.*</c>).</summary>
internal static class AzureTelemetry
{
    /// <summary>Name of the meter: that of all figures, since they go to the same place.</summary>
    public const string Name = ServingMetrics.MeterName;

    internal static readonly Meter Meter = new(Name);
}
