namespace ServerlessLoki.Tests.TestData;

/// <summary>Public research data, which is not part of the project, for the instances that are shared with the tests.</summary>
internal static class ResearchData
{
    private static readonly string? Folder =
        new[] { Environment.GetEnvironmentVariable("LOKI_DATA"), "../shared/data" }.OfType<string>().FirstOrDefault(Directory.Exists);

    public static bool IsThere => Folder is not null;

    /// <summary>Rows of a CSV file with a header, as dictionaries.</summary>
    public static List<Dictionary<string, string>> Rows(string relativePath)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder!, relativePath)).Where(l => l.Length > 0).Select(l => l.Trim()).ToArray();
        var header = lines[0].Split(',');
        return [.. lines.Skip(1).Select(l => header.Zip(l.Split(',')).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal))];
    }
}
