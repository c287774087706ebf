using Azure.Core;
using Azure.Messaging.ServiceBus.Broker;

namespace Azure.Messaging.ServiceBus.Administration;

public class ServiceBusAdministrationClient
{
    private readonly IBrokerLink _link;

    public ServiceBusAdministrationClient(string connectionString)
        : this(connectionString, new ServiceBusAdministrationClientOptions())
    {
    }

    public ServiceBusAdministrationClient(string connectionString, ServiceBusAdministrationClientOptions options) =>
        _link = BrokerAddress.Parse(connectionString).Open(new ServiceBusRetryOptions { MaxRetries = options?.Retry.MaxRetries ?? 3 });

    public ServiceBusAdministrationClient(string fullyQualifiedNamespace, TokenCredential credential)
        : this(fullyQualifiedNamespace, credential, new ServiceBusAdministrationClientOptions())
    {
    }

    public ServiceBusAdministrationClient(
        string fullyQualifiedNamespace, TokenCredential credential, ServiceBusAdministrationClientOptions options) =>
        throw BrokerAddress.NoNetwork($"new ServiceBusAdministrationClient(\"{fullyQualifiedNamespace}\", TokenCredential)");

    protected ServiceBusAdministrationClient()
    {
    }

    public virtual Task<Response<QueueProperties>> CreateQueueAsync(string name, CancellationToken cancellationToken = default) =>
        CreateQueueAsync(new CreateQueueOptions(name), cancellationToken);

    public virtual async Task<Response<QueueProperties>> CreateQueueAsync(CreateQueueOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var request = new BrokerRequest { Operation = BrokerOperation.CreateQueue, Entity = options.Name, Settings = options.Settings };
        return BrokerResponse.Of(201, new QueueProperties(await OneAsync(request, cancellationToken)));
    }

    public virtual async Task<Response<QueueProperties>> UpdateQueueAsync(QueueProperties queue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queue);
        var request = new BrokerRequest { Operation = BrokerOperation.UpdateQueue, Entity = queue.Name, Settings = queue.Settings };
        return BrokerResponse.Of(200, new QueueProperties(await OneAsync(request, cancellationToken)));
    }

    public virtual async Task<Response> DeleteQueueAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        await CallAsync(new BrokerRequest { Operation = BrokerOperation.DeleteQueue, Entity = name }, cancellationToken);
        return new BrokerResponse(200);
    }

    public virtual async Task<Response<QueueProperties>> GetQueueAsync(string name, CancellationToken cancellationToken = default) =>
        BrokerResponse.Of(200, new QueueProperties(await OneAsync(Get(name), cancellationToken)));

    public virtual async Task<Response<QueueRuntimeProperties>> GetQueueRuntimePropertiesAsync(
        string name, CancellationToken cancellationToken = default) =>
        BrokerResponse.Of(200, new QueueRuntimeProperties((await CallAsync(Get(name), cancellationToken)).Queues[0]));

    public virtual async Task<Response<bool>> QueueExistsAsync(string name, CancellationToken cancellationToken = default) =>
        BrokerResponse.Of(200, (await _link.CallAsync(Get(name), cancellationToken)).Failure is null);

    public virtual AsyncPageable<QueueProperties> GetQueuesAsync(CancellationToken cancellationToken = default) =>
        new BrokerPages<QueueProperties>(async token => [.. (await ListAsync(token)).Select(static q => new QueueProperties(q.Settings))], cancellationToken);

    public virtual AsyncPageable<QueueRuntimeProperties> GetQueuesRuntimePropertiesAsync(CancellationToken cancellationToken = default) =>
        new BrokerPages<QueueRuntimeProperties>(async token => [.. (await ListAsync(token)).Select(static q => new QueueRuntimeProperties(q))], cancellationToken);

    private static BrokerRequest Get(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new BrokerRequest { Operation = BrokerOperation.GetQueue, Entity = name };
    }

    private async Task<QueueState[]> ListAsync(CancellationToken cancellationToken) =>
        (await CallAsync(new BrokerRequest { Operation = BrokerOperation.ListQueues }, cancellationToken)).Queues;

    private async Task<QueueSettings> OneAsync(BrokerRequest request, CancellationToken cancellationToken) =>
        (await CallAsync(request, cancellationToken)).Queues[0].Settings;

    private async Task<BrokerReply> CallAsync(BrokerRequest request, CancellationToken cancellationToken)
    {
        return (await _link.CallAsync(request, cancellationToken)).Checked(request.Entity);
    }
}
