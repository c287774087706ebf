using System.Diagnostics.Metrics;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Azure;

/// <summary>Meter of the Azure ports; traces come from the Azure clients (sources <c>Azure.*</c>).</summary>
internal static class AzureTelemetry
{
    /// <summary>Name of the meter: the same as that of the serving metrics, so that one exporter sends both.</summary>
    public const string Name = ServingMetrics.MeterName;

    internal static readonly Meter Meter = new(Name);
}
