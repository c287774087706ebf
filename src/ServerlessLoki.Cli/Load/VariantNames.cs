namespace ServerlessLoki.Cli.Load;

/// <summary>Parser of the list of variants in an answer: <c>detect=detect-n,classify=classify-s+classify-m</c>.</summary>
internal static class VariantNames
{
    private static readonly char[] Separators = [',', '+'];

    /// <summary>Lists the variants, without their tasks.</summary>
    public static IEnumerable<string> Split(string list) => list
        .Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(entry => entry[(entry.IndexOf('=', StringComparison.Ordinal) + 1)..])
        .Where(name => name.Length > 0);
}
