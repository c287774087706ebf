using Azure.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using ServerlessLoki.Azure.Setup;

namespace ServerlessLoki.Azure.Tests.Setup;

public sealed class MetricsExportTests
{
    [Theory]
    [InlineData("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=http://127.0.0.1:9/")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")]
    public void AddMetricsExport_WhereToIsSet_CollectsOurMeters(string name, string value)
    {
        using var services = Build(name, value);
        Assert.NotNull(services.GetService<MeterProvider>());
    }

    [Fact]
    public void AddMetricsExport_NothingIsSet_AddsNothing()
    {
        using var services = Build("APPLICATIONINSIGHTS_CONNECTION_STRING", "");
        Assert.Null(services.GetService<MeterProvider>());
    }

    private static ServiceProvider Build(string name, string value) => new ServiceCollection().AddLogging().AddMetricsExport(
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [name] = value }).Build(), new DefaultAzureCredential()).BuildServiceProvider();
}
