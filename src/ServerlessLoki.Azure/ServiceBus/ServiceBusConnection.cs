using global::Azure.Core;
using global::Azure.Messaging.ServiceBus;
using global::Azure.Messaging.ServiceBus.Administration;
using ServerlessLoki.Azure.Storage;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Connection to a namespace, shared by all senders and receivers of a process. Thread-safe.</summary>
public sealed class ServiceBusConnection : IAsyncDisposable
{
    private ServiceBusConnection(ServiceBusClient client, ServiceBusAdministrationClient administration) =>
        (Client, Administration) = (client, administration);

    internal ServiceBusClient Client { get; }

    internal ServiceBusAdministrationClient Administration { get; }

    /// <summary>Time limit and measurement of each call to <see cref="Administration"/>; a planner's step has ten seconds.</summary>
    internal AzureCall Management { get; } = new(TimeSpan.FromSeconds(8));

    /// <summary>Connects by identity, which is the only way on Azure.</summary>
    /// <param name="fullyQualifiedNamespace">For example <c>name.servicebus.windows.net</c>.</param>
    /// <param name="credential">Identity of the caller.</param>
    public static ServiceBusConnection ToNamespace(string fullyQualifiedNamespace, TokenCredential credential) => new(
        new ServiceBusClient(fullyQualifiedNamespace, credential, Options()), new ServiceBusAdministrationClient(fullyQualifiedNamespace, credential, AdministrationOptions()));

    /// <summary>Connects to a local emulator.</summary>
    /// <param name="connectionString">Connection string of the emulator.</param>
    /// <param name="administration">Address for creating queues, if it differs (the emulator's is port 5300); null = the same
    /// address.</param>
    public static ServiceBusConnection ToEmulator(string connectionString, string? administration = null) => new(
        new ServiceBusClient(connectionString, Options()), new ServiceBusAdministrationClient(administration ?? connectionString, AdministrationOptions()));

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Client.DisposeAsync();

    private static ServiceBusAdministrationClientOptions AdministrationOptions()
    {
        var options = new ServiceBusAdministrationClientOptions
        {
            Retry = { MaxRetries = 2, Delay = TimeSpan.FromMilliseconds(200), MaxDelay = TimeSpan.FromSeconds(1), NetworkTimeout = TimeSpan.FromSeconds(3) },
        };
        options.AddPolicy(new TryMeter("servicebus"), HttpPipelinePosition.PerRetry);
        return options;
    }

    /// <summary>Makes options with short first pauses, since a query waits, and enough retries in all to outlast a fail-over.</summary>
    private static ServiceBusClientOptions Options() => new()
    {
        RetryOptions = new ServiceBusRetryOptions
        {
            Mode = ServiceBusRetryMode.Exponential,
            Delay = TimeSpan.FromMilliseconds(100),
            MaxDelay = TimeSpan.FromSeconds(10),
            MaxRetries = 6,
            TryTimeout = TimeSpan.FromSeconds(30),
        },
    };
}
