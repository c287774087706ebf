using ServerlessLoki.Embedded;

namespace ServerlessLoki.Integration.Tests;

/// <summary>One host with the sample pipeline for all tests of a class.</summary>
public sealed class TrafficHost : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("loki-traffic").FullName;

    public EmbeddedHost Host { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await EmbeddedHost.StartAsync(
            new EmbeddedHostOptions { PipelineFiles = [PatientPipeline.Write(_data)], DataDirectory = _data }, TestContext.Current.CancellationToken);
        Client = new HttpClient { BaseAddress = Host.BaseAddress };
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }
}
