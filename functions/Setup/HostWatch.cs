using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Functions.Setup;

/// <summary>Watch that ends this worker process when its Functions host is gone. A killed host ends no worker, and the worker's own library
/// does not notice that its stream has ended: it would run forever, next to the worker of the next host.</summary>
public sealed partial class HostWatch(IConfiguration configuration, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<HostWatch> logger) : BackgroundService
{
    /// <summary>Refused connections in a row after which the host counts as gone.</summary>
    internal const int Refusals = 3;
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Set by every host that starts a worker.
        if (!Uri.TryCreate(configuration["Functions:Worker:HostEndpoint"], UriKind.Absolute, out var host))
            return;
        for (var refused = 0; refused < Refusals;)
        {
            await Task.Delay(Interval, time, stoppingToken);
            refused = await IsRefusedAsync(host, stoppingToken) ? refused + 1 : 0;
        }

        LogGone(logger, host);
        lifetime.StopApplication();
    }

    /// <summary>Tests whether no process listens there. A slow host does not count as refusing: the system accepts connections on its
    /// behalf, or lets them wait.</summary>
    private static async Task<bool> IsRefusedAsync(Uri host, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Interval);
        try
        {
            await client.ConnectAsync(host.Host, host.Port, limit.Token);
            return false;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    [LoggerMessage(6060, LogLevel.Warning, "The Functions host at {Host} is gone; this worker ends")]
    private static partial void LogGone(ILogger logger, Uri host);
}
