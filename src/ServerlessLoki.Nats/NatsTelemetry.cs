using System.Diagnostics.Metrics;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Nats;

/// <summary>Meter of the NATS ports; traces come from the NATS client (source <c>NATS.Net</c>).</summary>
internal static class NatsTelemetry
{
    /// <summary>Meter with the name of the serving metrics, so that one exporter sends both.</summary>
    internal static readonly Meter Meter = new(ServingMetrics.MeterName);
}
