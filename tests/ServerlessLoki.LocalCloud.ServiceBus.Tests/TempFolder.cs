namespace ServerlessLoki.LocalCloud.ServiceBus.Tests;

internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("loki-bus").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
