namespace ServerlessLoki.Worker;

/// <summary>Settings that cannot be used: all faults in one text.</summary>
internal sealed class WorkerSettingsException(IReadOnlyList<string> faults)
    : Exception($"worker: {faults.Count} settings cannot be used (infra/README.md lists them):\n{string.Join('\n', faults)}");
