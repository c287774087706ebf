namespace ServerlessLoki.Functions.Setup;

/// <summary>App settings that the app cannot start with: all of them in one text.</summary>
public sealed class SettingsException(IReadOnlyList<string> faults)
    : Exception($"The app settings have faults (infra/README.md lists them all):{string.Concat(faults.Select(f => Environment.NewLine + "  " + f))}");
