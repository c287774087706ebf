using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using ServerlessLoki.Azure.Fleet;

namespace ServerlessLoki.Functions.Setup;

/// <summary>The app settings; infra/README.md lists them.</summary>
public sealed record FunctionSettings
{
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

    /// <summary>Null where <see cref="ModelCache"/> holds the pipelines itself.</summary>
    public string? ModelsContainer { get; init; }

    /// <summary>Folder for pipeline files and profiles.</summary>
    public required string ModelCache { get; init; }

    /// <summary>Claim checks.</summary>
    public required string PayloadContainer { get; init; }

    /// <summary>Planning policy.</summary>
    public required string Policy { get; init; }

    /// <summary>Kinds of workers.</summary>
    public required ImmutableArray<ContainerAppOptions> Fleet { get; init; }

    /// <summary>Time between plans within the timer's ten seconds.</summary>
    public required TimeSpan Replan { get; init; }

    /// <summary>How long a durable run waits for one stage before it asks another variant.</summary>
    public required TimeSpan StageTimeout { get; init; }

    /// <summary>How long a worker that says nothing keeps a message.</summary>
    public required TimeSpan Lock { get; init; }

    /// <summary>True where no fleet can be scaled: slots are those that the settings name.</summary>
    public bool IsLocalFleet => Fleet.All(f => string.IsNullOrEmpty(f.AppId));

    /// <summary>Reads and checks all.</summary>
    /// <exception cref="SettingsException">Lists every fault.</exception>
    public static FunctionSettings Read(IConfiguration configuration)
    {
        List<string> faults = [];
        var settings = new FunctionSettings
        {
            TableServiceUri = Address("Loki:TableServiceUri"),
            BlobServiceUri = Address("Loki:BlobServiceUri"),
            StorageConnection = Text("AzureWebJobsStorage"),
            ServiceBusNamespace = Text("ServiceBus:fullyQualifiedNamespace"),
            ServiceBusConnection = Text("ServiceBus"),
            ModelsContainer = Text("Loki:ModelsContainer"),
            ModelCache = Text("Loki:ModelCache") ?? Path.Combine(Path.GetTempPath(), "loki-pipelines"),
            PayloadContainer = Text("Loki:PayloadContainer") ?? "payloads",
            Policy = Text("Loki:Policy") ?? "unified",
            Fleet = [.. configuration.GetSection("Loki:Fleet").Get<ContainerAppOptions[]>() ?? []],
            Replan = Seconds("Loki:ReplanSeconds", 1, 10, standard: 1),
            StageTimeout = Seconds("Loki:StageTimeoutSeconds", 1, 3600, standard: 60),
            Lock = Seconds("Loki:LockSeconds", 5, 300, standard: 30),
        };
        if ((settings.TableServiceUri is null || settings.BlobServiceUri is null) && settings.StorageConnection is null)
            faults.Add("Loki__TableServiceUri, Loki__BlobServiceUri are not both set; allowed: both addresses, or AzureWebJobsStorage with an emulator's connection string");
        if (settings.ServiceBusNamespace is null && settings.ServiceBusConnection is null)
            faults.Add("ServiceBus__fullyQualifiedNamespace is not set; allowed: NAME.servicebus.windows.net, or ServiceBus with an emulator's connection string");
        if (settings.Fleet.IsEmpty)
            faults.Add("Loki__Fleet__0__Device is not set; allowed: at least one kind of worker");
        else if (!settings.IsLocalFleet)
            faults.AddRange(new FleetOptions { Apps = settings.Fleet }.Faults());
        return faults.Count == 0 ? settings : throw new SettingsException(faults);

        string? Text(string key) => configuration[key] is { Length: > 0 } text ? text : null;

        Uri? Address(string key)
        {
            if (Text(key) is not { } text)
                return null;
            if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http")
                return uri;
            faults.Add($"{Name(key)} is '{text}'; allowed: an address such as https://name.table.core.windows.net/");
            return null;
        }

        TimeSpan Seconds(string key, int least, int most, int standard)
        {
            if (Text(key) is not { } text)
                return TimeSpan.FromSeconds(standard);
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds >= least && seconds <= most)
                return TimeSpan.FromSeconds(seconds);
            faults.Add($"{Name(key)} is '{text}'; allowed: whole seconds, {least} to {most}");
            return TimeSpan.FromSeconds(standard);
        }
    }

    private static string Name(string key) => key.Replace(":", "__", StringComparison.Ordinal);
}
