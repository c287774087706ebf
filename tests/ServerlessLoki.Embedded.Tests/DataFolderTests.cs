using System.Runtime.Versioning;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Rights of the data folder; Unix only.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DataFolderTests : IDisposable
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly TempDirectory _parent = new();

    public void Dispose() => _parent.Dispose();

    [Fact]
    public void Open_NewFolder_IsItsOwnersAlone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "rights are inherited on Windows");
        var folder = Path.Combine(_parent.Path, "a", "data");
        using (var database = SqliteDatabase.Open(folder))
        {
            Assert.Equal(OwnerFile | UnixFileMode.UserExecute, Mode(folder));
            Assert.All(Directory.GetFiles(folder), f => Assert.Equal(OwnerFile, Mode(f)));
            Assert.Contains(Directory.GetFiles(folder), f => f.EndsWith("loki.db", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Open_WideFilesOfAnEarlierVersion_AreNarrowedAndTheFolderStays()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "rights are inherited on Windows");
        var folder = Path.Combine(_parent.Path, "data");
        SqliteDatabase.Open(folder).Dispose();
        var wide = OwnerFile | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        File.SetUnixFileMode(Path.Combine(folder, "loki.db"), wide);
        File.SetUnixFileMode(folder, wide | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        using (var database = SqliteDatabase.Open(folder))
            Assert.All(Directory.GetFiles(folder), f => Assert.Equal(OwnerFile, Mode(f)));
        Assert.Equal(wide | UnixFileMode.UserExecute | UnixFileMode.OtherExecute, Mode(folder));
    }

    private static UnixFileMode Mode(string path) => File.GetUnixFileMode(path);
}
