using System.Globalization;
using Microsoft.Extensions.Configuration;
using ServerlessLoki.Serving.Inference;

namespace ServerlessLoki.Worker;

/// <summary>What the environment says; infra/README.md lists the settings.</summary>
internal sealed record WorkerSettings
{
    private const int MaxSlots = 64;

    /// <summary>Device of all slots, as profiles call it.</summary>
    public required string Device { get; init; }

    public required int Slots { get; init; }

    /// <summary>Downloaded models; without a container, the models themselves.</summary>
    public required string ModelFolder { get; init; }

    /// <summary>Null where the models are in the image.</summary>
    public string? ModelsContainer { get; init; }

    public required string PayloadContainer { get; init; }

    /// <summary>Time from SIGTERM to the last answer.</summary>
    public required TimeSpan Drain { get; init; }

    /// <summary>How long a worker that says nothing keeps a message.</summary>
    public required TimeSpan Lock { get; init; }

    /// <summary>Null locally.</summary>
    public Uri? TableServiceUri { get; init; }

    /// <summary>Null locally.</summary>
    public Uri? BlobServiceUri { get; init; }

    /// <summary>Of a storage emulator; null on Azure.</summary>
    public string? StorageConnection { get; init; }

    /// <summary>Null locally.</summary>
    public string? ServiceBusNamespace { get; init; }

    /// <summary>Of a Service Bus emulator; null on Azure.</summary>
    public string? ServiceBusConnection { get; init; }

    /// <summary>Where the emulator makes queues, if elsewhere.</summary>
    public string? ServiceBusAdministration { get; init; }

    /// <summary>Devices that are no CPU are GPUs: the engine falls back by itself and says so.</summary>
    public ExecutionProvider Provider => Device.Equals("cpu", StringComparison.OrdinalIgnoreCase) ? ExecutionProvider.Cpu : ExecutionProvider.Cuda;

    /// <summary>Reads and checks all.</summary>
    /// <exception cref="WorkerSettingsException">Lists every fault.</exception>
    public static WorkerSettings Read(IConfiguration configuration)
    {
        var reader = new SettingsReader(configuration);
        var settings = new WorkerSettings
        {
            Device = reader.Text("Loki:Device") ?? "cpu",
            Slots = reader.Whole("Loki:Slots", 1, MaxSlots, standard: 1),
            ModelFolder = reader.Required("Loki:ModelCache", "the folder that models are downloaded to, or that holds them where no container is set"),
            ModelsContainer = reader.Text("Loki:ModelsContainer"),
            PayloadContainer = reader.Text("Loki:PayloadContainer") ?? "payloads",
            Drain = TimeSpan.FromSeconds(reader.Whole("Loki:DrainSeconds", 1, 3600, standard: 20)),
            Lock = TimeSpan.FromSeconds(reader.Whole("Loki:LockSeconds", 5, 300, standard: 30)),
            TableServiceUri = reader.Address("Loki:TableServiceUri"),
            BlobServiceUri = reader.Address("Loki:BlobServiceUri"),
            StorageConnection = reader.Text("AzureWebJobsStorage"),
            ServiceBusNamespace = reader.Text("ServiceBus:fullyQualifiedNamespace"),
            ServiceBusConnection = reader.Text("ServiceBus"),
            ServiceBusAdministration = reader.Text("ServiceBus:administration"),
        };
        if ((settings.TableServiceUri is null || settings.BlobServiceUri is null) && settings.StorageConnection is null)
            reader.Fault("Loki__TableServiceUri, Loki__BlobServiceUri", "are not both set", "both addresses, or AzureWebJobsStorage with the connection string of an emulator");
        if (settings.ServiceBusNamespace is null && settings.ServiceBusConnection is null)
            reader.Fault("ServiceBus__fullyQualifiedNamespace", "is not set", "NAME.servicebus.windows.net, or ServiceBus with the connection string of an emulator");
        reader.ThrowIfFaulty();
        return settings;
    }

    /// <summary>For logs: no connection strings.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Slots} slots of {Device}, models in {ModelFolder}");
}
