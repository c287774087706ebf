using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using ServerlessLoki.Azure.Fleet;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Serving.Distributed.Runs;

namespace ServerlessLoki.Functions.Setup;

/// <summary>App settings; infra/README.md lists them.</summary>
public sealed record FunctionSettings
{
    /// <summary>Addresses of the Azure services.</summary>
    public required AzureSettings Azure { get; init; }

    /// <summary>Folder for pipeline files and profiles.</summary>
    public required string ModelCache { get; init; }

    /// <summary>Name of the planning policy.</summary>
    public required string Policy { get; init; }

    /// <summary>Name of the demand forecaster.</summary>
    public required string Forecaster { get; init; }

    /// <summary>Container apps of the workers, one per device type.</summary>
    public required ImmutableArray<ContainerAppOptions> Fleet { get; init; }

    /// <summary>Time between plans within the timer's ten seconds, while there is demand.</summary>
    public required TimeSpan Replan { get; init; }

    /// <summary>Time that a durable run waits for one stage before checking whether any worker still serves it.</summary>
    public required TimeSpan StageTimeout { get; init; }

    /// <summary>Time after acceptance at which a durable run that has not ended fails.</summary>
    public required TimeSpan RunLimit { get; init; }

    /// <summary>Most durable runs that may wait; more are refused.</summary>
    public required int MaxRuns { get; init; }

    /// <summary>True where no fleet can be scaled: the settings give the number of slots.</summary>
    public bool IsLocalFleet => Fleet.All(f => string.IsNullOrEmpty(f.AppId));

    /// <summary>Reads and checks all settings.</summary>
    /// <exception cref="SettingsException">Lists every fault.</exception>
    public static FunctionSettings Read(IConfiguration configuration)
    {
        var reader = new SettingsReader(configuration);
        var settings = new FunctionSettings
        {
            Azure = AzureSettings.Read(reader),
            ModelCache = reader.Text("Loki:ModelCache") ?? Path.Combine(Path.GetTempPath(), "loki-pipelines"),
            Policy = reader.Text("Loki:Policy") ?? "unified",
            Forecaster = reader.Text("Loki:Forecaster") ?? Forecasters.Default,
            Replan = reader.Seconds("Loki:ReplanSeconds", 1, 10, standard: 1),
            StageTimeout = reader.Seconds("Loki:StageTimeoutSeconds", 1, 3600, standard: 60),
            RunLimit = reader.Seconds("Loki:RunLimitSeconds", 1, 86_400, standard: (int)RunStart.StandardLimit.TotalSeconds),
            MaxRuns = reader.Whole("Loki:MaxRuns", 1, 1_000_000, standard: 100_000),
            Fleet = [.. reader.List<ContainerAppOptions>("Loki:Fleet", "one or more kinds of workers, Loki__Fleet__0__Device and so on")],
        };
        if (!PlanningPolicies.KnownNames.Contains(settings.Policy, StringComparer.Ordinal))
            reader.Fault("Loki__Policy", $"is '{settings.Policy}'", string.Join(", ", PlanningPolicies.KnownNames));
        // The app brings no runtime for models: it refuses onnx:FILE.
        if (ForecasterRegistry.Default.FaultOf(settings.Forecaster) is { } wrong)
            reader.Fault($"Loki__Forecaster: {wrong}");
        foreach (var fault in new FleetOptions { Apps = settings.Fleet }.Faults(settings.IsLocalFleet))
            reader.Fault(fault);
        reader.ThrowIfFaulty();
        return settings;
    }
}
