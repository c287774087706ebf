using System.Collections.Immutable;
using ServerlessLoki.Scenarios.Import;

namespace ServerlessLoki.Scenarios.Tests.Import;

/// <summary>A folder of made files.</summary>
internal sealed class MadeFolder : IImportFolder
{
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    public string Name => "made";

    public bool Has(string path) => _files.ContainsKey(path);

    public byte[] Bytes(string path) => _files.TryGetValue(path, out var bytes) ? bytes : throw new FileNotFoundException(path);

    public ImmutableArray<string> Files(string path) => Names(path, isFile: true);

    public ImmutableArray<string> Folders(string path) => Names(path, isFile: false);

    public void Remove(string path) => _files.Remove(path);

    private ImmutableArray<string> Names(string path, bool isFile) =>
        [.. _files.Keys.Where(f => f.StartsWith(path + "/", StringComparison.Ordinal)).Select(f => f[(path.Length + 1)..])
            .Where(f => f.Contains('/', StringComparison.Ordinal) != isFile).Select(f => f.Split('/')[0]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Writes a file.</summary>
    public MadeFolder With(string path, string text) => With(path, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a file.</summary>
    public MadeFolder With(string path, byte[] bytes)
    {
        _files[path] = bytes;
        return this;
    }
}
