namespace ServerlessLoki.Azure.Setup;

/// <summary>A process cannot start with its settings; lists all faults in one text.</summary>
/// <param name="faults">Faults, each with its setting, the value found and the values allowed.</param>
public sealed class SettingsException(IReadOnlyList<string> faults)
    : Exception($"The settings have faults (infra/README.md lists them all):{string.Concat(faults.Select(static f => $"{Environment.NewLine}  {f}"))}");
