using System.Collections.Immutable;
using ServerlessLoki.Scenarios.Import;

namespace ServerlessLoki.Cli.Commands;

/// <summary>A folder on disk with the data of a published system. Hidden files are left out of its lists.</summary>
/// <param name="root">Full path.</param>
internal sealed class DataFolder(string root) : IImportFolder
{
    /// <inheritdoc/>
    public string Name => root;

    /// <inheritdoc/>
    public bool Has(string path) => File.Exists(At(path));

    /// <inheritdoc/>
    public byte[] Bytes(string path) => File.ReadAllBytes(At(path));

    /// <inheritdoc/>
    public ImmutableArray<string> Files(string path) => Names(path, Directory.EnumerateFiles);

    /// <inheritdoc/>
    public ImmutableArray<string> Folders(string path) => Names(path, Directory.EnumerateDirectories);

    private string At(string path) => Path.GetFullPath(path, root);

    private ImmutableArray<string> Names(string path, Func<string, IEnumerable<string>> list) => Directory.Exists(At(path))
        ? [.. list(At(path)).Select(f => Path.GetFileName(f)!).Where(f => !f.StartsWith('.')).Order(StringComparer.Ordinal)]
        : [];
}
