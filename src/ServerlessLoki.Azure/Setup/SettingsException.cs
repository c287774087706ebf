namespace ServerlessLoki.Azure.Setup;

/// <summary>Settings that a process cannot start with: all faults in one text.</summary>
/// <param name="faults">Each with its setting, what was found and what is allowed.</param>
public sealed class SettingsException(IReadOnlyList<string> faults)
    : Exception($"The settings have faults (infra/README.md lists them all):{string.Concat(faults.Select(static f => $"{Environment.NewLine}  {f}"))}");
