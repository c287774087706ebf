namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;

/// <summary>A folder in place of an app's.</summary>
internal sealed class AppFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("loki-app-").FullName;

    public void Write(string file, string text) => File.WriteAllText(System.IO.Path.Combine(Path, file), text);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
