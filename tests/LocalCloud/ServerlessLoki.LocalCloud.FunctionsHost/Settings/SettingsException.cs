namespace ServerlessLoki.LocalCloud.FunctionsHost.Settings;

/// <summary>Options, settings or files have faults; the message lists them all.</summary>
internal sealed class SettingsException(string message) : Exception(message)
{
    public static void ThrowIfAny(IReadOnlyCollection<string> faults)
    {
        if (faults.Count > 0)
            throw new SettingsException(string.Join(Environment.NewLine, faults));
    }
}
