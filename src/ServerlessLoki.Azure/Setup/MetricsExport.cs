using Azure.Core;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Azure.Setup;

/// <summary>Export of the metrics of serving and of the ports to the configured destinations, if any.</summary>
public static class MetricsExport
{
    /// <summary>Adds exporters: to Application Insights where <c>APPLICATIONINSIGHTS_CONNECTION_STRING</c> is set, by OTLP where
    /// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.</summary>
    /// <param name="services">Services of the process.</param>
    /// <param name="configuration">Settings of the process.</param>
    /// <param name="credential">Identity for Application Insights, where <c>APPLICATIONINSIGHTS_AUTHENTICATION_STRING</c> demands one
    /// instead of keys.</param>
    public static IServiceCollection AddMetricsExport(this IServiceCollection services, IConfiguration configuration, TokenCredential credential)
    {
        var settings = new SettingsReader(configuration);
        var insights = settings.Text("APPLICATIONINSIGHTS_CONNECTION_STRING");
        var collector = settings.Text("OTEL_EXPORTER_OTLP_ENDPOINT");
        if (insights is null && collector is null)
            return services;
        services.AddOpenTelemetry().WithMetrics(metrics =>
        {
            metrics.AddMeter(ServingMetrics.MeterName);
            if (insights is not null)
            {
                metrics.AddAzureMonitorMetricExporter(
                    options => options.ConnectionString = insights, settings.Text("APPLICATIONINSIGHTS_AUTHENTICATION_STRING") is null ? null : credential);
            }

            if (collector is not null)
                metrics.AddOtlpExporter();
        });
        return services;
    }
}
