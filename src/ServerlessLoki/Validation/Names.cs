namespace ServerlessLoki.Validation;

/// <summary>Suggestions for names that were not found.</summary>
internal static class Names
{
    /// <summary>Lists the known names in one line; a near match comes first, as a question.</summary>
    public static string Allowed(string found, IEnumerable<string> known)
    {
        var names = known.ToList();
        var list = string.Join(", ", names);
        return Nearest(found, names) is { } nearest ? $"{list} (did you mean \"{nearest}\"?)" : list;
    }

    /// <summary>Finds the known name with the fewest edits; null when none is within a third of the length (at least 2 edits, never all
    /// letters).</summary>
    public static string? Nearest(string found, IEnumerable<string> known) => known
        .Select(name => (Name: name, Distance: Distance(found, name)))
        .Where(x => x.Distance <= Math.Max(2, x.Name.Length / 3) && x.Distance < Math.Max(found.Length, x.Name.Length))
        .OrderBy(x => x.Distance)
        .Select(x => x.Name)
        .FirstOrDefault();

    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replace, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[b.Length];
    }
}
