namespace ServerlessLoki.Tests.TestData;

/// <summary>Public research data, which is not part of the project; tests that need it skip without it.</summary>
internal static class ResearchData
{
    /// <summary>LOKI_DATA, or ../shared/data beside the repository.</summary>
    private static readonly string[] Folders =
        [.. new[] { Environment.GetEnvironmentVariable("LOKI_DATA"), BesideRepository() }.OfType<string>().Where(Directory.Exists)];

    public static bool IsThere => Folders.Length > 0;

    /// <summary>Text of a file.</summary>
    public static string ReadOrSkip(string relativePath)
    {
        var found = Folders.Select(f => Path.Combine(f, relativePath)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, $"Research data {relativePath} is absent: set LOKI_DATA to the folder that holds it, or put it at ../shared/data beside the repository.");
        return File.ReadAllText(found!);
    }

    /// <summary>Full path of a folder.</summary>
    public static string FolderOrSkip(string relativePath)
    {
        var found = Folders.Select(f => Path.Combine(f, relativePath)).FirstOrDefault(Directory.Exists);
        Assert.SkipWhen(found is null, $"Research data {relativePath} is absent: set LOKI_DATA to the folder that holds it, or put it at ../shared/data beside the repository.");
        return Path.GetFullPath(found!);
    }

    /// <summary>Rows of a CSV file with a header, as dictionaries.</summary>
    public static List<Dictionary<string, string>> Rows(string relativePath)
    {
        var lines = ReadOrSkip(relativePath).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var header = lines[0].Split(',');
        return [.. lines.Skip(1).Select(l => header.Zip(l.Split(',')).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal))];
    }

    private static string? BesideRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ServerlessLoki.sln")))
                return Path.Combine(folder.FullName, "..", "shared", "data");
        }

        return null;
    }
}
