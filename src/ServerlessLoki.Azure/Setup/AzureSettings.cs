namespace ServerlessLoki.Azure.Setup;

/// <summary>Addresses of the Azure services, read alike by the Function app and by workers; infra/README.md lists the settings.</summary>
public sealed record AzureSettings
{
    /// <summary>Address of Table storage; null on an emulator.</summary>
    public Uri? TableServiceUri { get; init; }

    /// <summary>Address of Blob storage; null on an emulator.</summary>
    public Uri? BlobServiceUri { get; init; }

    /// <summary>Connection string of a storage emulator; null on Azure.</summary>
    public string? StorageConnection { get; init; }

    /// <summary>Host name of the Service Bus namespace; null on an emulator.</summary>
    public string? ServiceBusNamespace { get; init; }

    /// <summary>Connection string of a Service Bus emulator; null on Azure.</summary>
    public string? ServiceBusConnection { get; init; }

    /// <summary>Address at which the emulator creates queues, if it differs; null = the same address.</summary>
    public string? ServiceBusAdministration { get; init; }

    /// <summary>Container of the models, with one folder per pipeline; null where the local folder holds the pipelines itself.</summary>
    public string? ModelsContainer { get; init; }

    /// <summary>Container of claim checks.</summary>
    public required string PayloadContainer { get; init; }

    /// <summary>Time that a silent worker keeps a message locked: the same for app and workers.</summary>
    public required TimeSpan Lock { get; init; }

    /// <summary>Reads the settings; faults are collected by the reader.</summary>
    public static AzureSettings Read(SettingsReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var settings = new AzureSettings
        {
            TableServiceUri = reader.Address("Loki:TableServiceUri"),
            BlobServiceUri = reader.Address("Loki:BlobServiceUri"),
            StorageConnection = reader.Text("AzureWebJobsStorage"),
            ServiceBusNamespace = reader.Text("ServiceBus:fullyQualifiedNamespace"),
            ServiceBusConnection = reader.Text("ServiceBus"),
            ServiceBusAdministration = reader.Text("ServiceBus:administration"),
            ModelsContainer = reader.Text("Loki:ModelsContainer"),
            PayloadContainer = reader.Text("Loki:PayloadContainer") ?? "payloads",
            Lock = reader.Seconds("Loki:LockSeconds", 5, 300, standard: 30),
        };
        if ((settings.TableServiceUri is null || settings.BlobServiceUri is null) && settings.StorageConnection is null)
            reader.Fault("Loki__TableServiceUri, Loki__BlobServiceUri", "are not both set", "both addresses, or AzureWebJobsStorage with the connection string of an emulator");
        if (settings.ServiceBusNamespace is null && settings.ServiceBusConnection is null)
            reader.Fault("ServiceBus__fullyQualifiedNamespace", "is not set", "NAME.servicebus.windows.net, or ServiceBus with the connection string of an emulator");
        return settings;
    }

    /// <summary>Writes the settings for logs, without connection strings.</summary>
    public override string ToString() =>
        $"tables {TableServiceUri?.Host ?? "of an emulator"}, Service Bus {ServiceBusNamespace ?? "of an emulator"}, models in {ModelsContainer ?? "a local folder"}";
}
