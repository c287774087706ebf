using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.LocalCloud.ServiceBus.Administration;
using ServerlessLoki.LocalCloud.ServiceBus.Amqp;
using ServerlessLoki.LocalCloud.ServiceBus.Queues;

namespace ServerlessLoki.LocalCloud.ServiceBus;

/// <summary>Service Bus namespace on this machine, for development and tests: queues over AMQP 1.0 and the management interface, for the
/// unmodified clients. It listens on loopback only and accepts any credential.</summary>
public sealed class LocalServiceBus : IAsyncDisposable
{
    private const string Credential = "SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true";
    private readonly MessageBroker _broker;
    private readonly AmqpServer _amqp;
    private readonly AdministrationServer _administration;

    private LocalServiceBus(MessageBroker broker, AmqpServer amqp, AdministrationServer administration) =>
        (_broker, _amqp, _administration) = (broker, amqp, administration);

    /// <summary>Port of AMQP.</summary>
    public int AmqpPort => _amqp.Port;

    /// <summary>Port of the management interface.</summary>
    public int AdministrationPort => _administration.Port;

    /// <summary>Connection string for <c>ServiceBusClient</c>.</summary>
    public string ConnectionString => $"Endpoint=sb://127.0.0.1:{AmqpPort};{Credential}";

    /// <summary>Connection string for <c>ServiceBusAdministrationClient</c>.</summary>
    public string AdministrationConnectionString => $"Endpoint=sb://127.0.0.1:{AdministrationPort};{Credential}";

    /// <summary>Starts a broker; it serves when this returns.</summary>
    /// <param name="options">Ports, folder and clock.</param>
    /// <param name="logger">Logs refused connections and damaged journals; null = none.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    public static async Task<LocalServiceBus> StartAsync(LocalServiceBusOptions options, ILogger? logger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        logger ??= NullLogger.Instance;
        var broker = new MessageBroker(options.Time, options.DataFolder);
        AmqpServer? amqp = null;
        try
        {
            foreach (var lost in broker.Recover())
                logger.JournalCut(lost);
            amqp = new AmqpServer(broker, options.AmqpPort, options.HandshakeTimeout, logger);
            var administration = await AdministrationServer.StartAsync(broker, options.AdministrationPort, cancellationToken);
            return new LocalServiceBus(broker, amqp, administration);
        }
        catch
        {
            if (amqp is not null)
                await amqp.DisposeAsync();
            broker.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="StartAsync(LocalServiceBusOptions, ILogger, CancellationToken)" />
    public static Task<LocalServiceBus> StartAsync(LocalServiceBusOptions options, CancellationToken cancellationToken) => StartAsync(options, null, cancellationToken);

    /// <summary>Closes all connections and both ports. The data folder keeps its content.</summary>
    public async ValueTask DisposeAsync()
    {
        await _administration.DisposeAsync();
        await _amqp.DisposeAsync();
        _broker.Dispose();
    }
}
