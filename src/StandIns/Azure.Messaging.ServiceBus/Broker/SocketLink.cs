using System.Net.Sockets;

namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>The way to a broker in another process. Connects at the first call and again when the connection broke.</summary>
internal sealed class SocketLink(string path, ServiceBusRetryOptions retry) : IBrokerLink
{
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly CancellationTokenSource _closed = new();
    private SocketConnection _connection;

    public async ValueTask<BrokerReply> CallAsync(BrokerRequest request, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await (await OpenAsync(either.Token)).CallAsync(request, either.Token);
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                if (attempt > retry.MaxRetries)
                {
                    throw new ServiceBusException(
                        $"The broker at {path} cannot be reached: {exception.Message}", ServiceBusFailureReason.ServiceCommunicationProblem,
                        request.Entity, exception);
                }

                await Task.Delay(retry.DelayAfter(attempt), either.Token);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        if (_connection is { } connection)
            await connection.DisposeAsync();
    }

    private async ValueTask<SocketConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (_connection is { IsBroken: false } open)
            return open;
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_connection is { IsBroken: false } opened)
                return opened;
            if (_connection is { } broken)
                await broken.DisposeAsync();
            return _connection = await SocketConnection.OpenAsync(path, cancellationToken);
        }
        finally
        {
            _opening.Release();
        }
    }
}
