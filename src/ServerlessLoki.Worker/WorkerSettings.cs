using System.Globalization;
using Microsoft.Extensions.Configuration;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Worker;

/// <summary>Settings of the environment; infra/README.md lists them.</summary>
internal sealed record WorkerSettings
{
    private const int MaxSlots = 64;

    /// <summary>Device of all slots, as profiles call it.</summary>
    public required string Device { get; init; }

    public required int Slots { get; init; }

    /// <summary>Folder for downloaded models; without a container, the folder of the models themselves.</summary>
    public required string ModelFolder { get; init; }

    /// <summary>Time from SIGTERM to the last answer.</summary>
    public required TimeSpan Drain { get; init; }

    /// <summary>Addresses of the Azure services.</summary>
    public required AzureSettings Azure { get; init; }

    /// <summary>Execution provider of the device. Devices other than <c>cpu</c> are taken for GPUs; the engine falls back by itself and
    /// reports it.</summary>
    public ExecutionProvider Provider => Device.Equals("cpu", StringComparison.OrdinalIgnoreCase) ? ExecutionProvider.Cpu : ExecutionProvider.Cuda;

    /// <summary>Reads and checks all settings.</summary>
    /// <exception cref="SettingsException">Lists every fault.</exception>
    public static WorkerSettings Read(IConfiguration configuration)
    {
        var reader = new SettingsReader(configuration);
        var settings = new WorkerSettings
        {
            Device = reader.Text("Loki:Device") ?? "cpu",
            Slots = reader.Whole("Loki:Slots", 1, MaxSlots, standard: 1),
            ModelFolder = reader.Required("Loki:ModelCache", "the folder that models are downloaded to, or that holds them where no container is set"),
            Drain = reader.Seconds("Loki:DrainSeconds", 1, 3600, standard: 20),
            Azure = AzureSettings.Read(reader),
        };
        reader.ThrowIfFaulty();
        return settings;
    }

    /// <summary>Writes the settings for logs, without connection strings.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Slots} slots of {Device}, {Azure}");
}
