using System.Collections.Immutable;
using ServerlessLoki.Scenarios.Import;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Scenarios.Tests.Import;

/// <summary>The research data of a system; a test without them skips.</summary>
internal sealed class ResearchFolder(string system) : IImportFolder
{
    private readonly string _root = ResearchData.FolderOrSkip(system);

    public string Name => _root;

    public bool Has(string path) => File.Exists(At(path));

    public byte[] Bytes(string path) => File.ReadAllBytes(At(path));

    public ImmutableArray<string> Files(string path) => Directory.Exists(At(path)) ? [.. Directory.GetFiles(At(path)).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)] : [];

    public ImmutableArray<string> Folders(string path) => Directory.Exists(At(path)) ? [.. Directory.GetDirectories(At(path)).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)] : [];

    private string At(string path) => Path.GetFullPath(path, _root);
}
