using System.Globalization;
using System.Text;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>Counts of requests by the second, separated by blanks: <c>workload.txt</c> of InfAdapter and IPA.</summary>
internal static class RequestCounts
{
    /// <summary>Reads them from <c>workload.txt</c>, or where that was never unpacked from <c>workload.tbz2</c>.</summary>
    /// <param name="folder">The clone.</param>
    /// <param name="stem">Path without extension.</param>
    /// <exception cref="ScenarioFormatException">The text holds something else.</exception>
    public static int[] Read(IImportFolder folder, string stem)
    {
        var path = stem + ".txt";
        var text = folder.Has(path) ? Encoding.UTF8.GetString(folder.Bytes(path)) : ImportArchive.FirstFile(folder.Bytes(stem + ".tbz2"), stem + ".tbz2");
        var parts = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var counts = new int[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out counts[i]))
                throw new ScenarioFormatException(path, $"count {i + 1} is no whole number", $"\"{parts[i]}\"", "counts of requests by the second, separated by blanks");
        }

        return counts;
    }

    /// <summary>The counts of some seconds.</summary>
    /// <exception cref="ScenarioFormatException">There are fewer.</exception>
    public static IEnumerable<int> Between(int[] counts, int from, int to, string path) => counts.Length >= to
        ? counts[from..to]
        : throw new ScenarioFormatException(path, "there are too few counts", $"{counts.Length}", $"at least {to} seconds");
}
