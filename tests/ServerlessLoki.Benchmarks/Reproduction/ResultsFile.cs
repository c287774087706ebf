namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>RESULTS.md: the measured part of a section stands between two marks and is replaced, what people wrote around it stays.</summary>
internal static class ResultsFile
{
    /// <summary>Writes one set's tables; a set that is not in the file yet gets a section at its end.</summary>
    public static void Replace(string path, string set, string tables)
    {
        var (begin, end) = ($"<!-- reproduce {set}: written by scripts/reproduce.sh -->", $"<!-- reproduce {set}: end -->");
        var text = File.ReadAllText(path);
        var (from, to) = (text.IndexOf(begin, StringComparison.Ordinal), text.IndexOf(end, StringComparison.Ordinal));
        var block = $"{begin}\n\n{tables.Trim()}\n\n{end}";
        File.WriteAllText(path, from >= 0 && to > from
            ? text[..from] + block + text[(to + end.Length)..]
            : $"{text.TrimEnd()}\n\n## `scripts/reproduce.sh {set}`\n\n{block}\n");
    }
}
