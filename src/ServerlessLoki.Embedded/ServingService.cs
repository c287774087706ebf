using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ServerlessLoki.Serving.Http;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Embedded;

/// <summary>Hosted service that starts and stops the engine with the app.</summary>
/// <remarks>Files are read before the app's port opens, models are loaded after; the engine stops once the web server has.</remarks>
internal sealed class ServingService(IOptions<ServerlessLokiOptions> options, LokiApiContext context, ILoggerFactory logs, TimeProvider time)
    : IHostedLifecycleService, IAsyncDisposable
{
    private LocalServing? _serving;

    public async Task StartingAsync(CancellationToken cancellationToken) =>
        _serving = await LocalServing.OpenAsync(options.Value with { }, context, new LimitedLoggerFactory(logs, time), time, cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => _serving!.StartAsync(cancellationToken);

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken) => await DisposeAsync();

    /// <summary>Stops the engine, also where a start failed half-way, or the app was disposed without a stop.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_serving is not null)
            await _serving.DisposeAsync();
    }
}
