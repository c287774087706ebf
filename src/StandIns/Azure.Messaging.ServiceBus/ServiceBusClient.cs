using Azure.Core;
using Azure.Messaging.ServiceBus.Broker;

namespace Azure.Messaging.ServiceBus;

public class ServiceBusClient : IAsyncDisposable
{
    private readonly IBrokerLink _link;
    private readonly ServiceBusClientOptions _options;
    private volatile bool _isClosed;

    public ServiceBusClient(string connectionString)
        : this(connectionString, new ServiceBusClientOptions())
    {
    }

    public ServiceBusClient(string connectionString, ServiceBusClientOptions options)
    {
        var address = BrokerAddress.Parse(connectionString);
        _options = options ?? new ServiceBusClientOptions();
        FullyQualifiedNamespace = address.Namespace;
        Identifier = _options.Identifier ?? $"{FullyQualifiedNamespace}-{Guid.NewGuid()}";
        _link = address.Open(_options.RetryOptions);
    }

    public ServiceBusClient(string fullyQualifiedNamespace, TokenCredential credential)
        : this(fullyQualifiedNamespace, credential, new ServiceBusClientOptions())
    {
    }

    public ServiceBusClient(string fullyQualifiedNamespace, TokenCredential credential, ServiceBusClientOptions options) =>
        throw BrokerAddress.NoNetwork($"new ServiceBusClient(\"{fullyQualifiedNamespace}\", TokenCredential)");

    protected ServiceBusClient()
    {
    }

    public virtual string FullyQualifiedNamespace { get; }

    public virtual string Identifier { get; }

    public virtual bool IsClosed => _isClosed;

    public ServiceBusTransportType TransportType => _options.TransportType;

    internal ServiceBusRetryOptions RetryOptions => _options.RetryOptions;

    public virtual ServiceBusReceiver CreateReceiver(string queueName) => CreateReceiver(queueName, new ServiceBusReceiverOptions());

    public virtual ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(queueName);
        ObjectDisposedException.ThrowIf(_isClosed, this);
        return new ServiceBusReceiver(this, queueName, options ?? new ServiceBusReceiverOptions());
    }

    public virtual ServiceBusSender CreateSender(string queueOrTopicName)
    {
        ArgumentException.ThrowIfNullOrEmpty(queueOrTopicName);
        ObjectDisposedException.ThrowIf(_isClosed, this);
        return new ServiceBusSender(this, queueOrTopicName);
    }

    public virtual async ValueTask DisposeAsync()
    {
        _isClosed = true;
        await _link.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>One exchange with the broker; a failure comes back as the package's exception.</summary>
    internal async ValueTask<BrokerReply> CallAsync(BrokerRequest request, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        return (await _link.CallAsync(request, cancellationToken)).Checked(request.Entity);
    }
}
