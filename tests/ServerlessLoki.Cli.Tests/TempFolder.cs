namespace ServerlessLoki.Cli.Tests;

/// <summary>A folder that goes when the test ends.</summary>
internal sealed class TempFolder : IDisposable
{
    // A space in it: paths must survive that.
    public string Path { get; } = Directory.CreateTempSubdirectory("loki cli ").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
