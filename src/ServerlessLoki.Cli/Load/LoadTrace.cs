using ServerlessLoki.Cli.Output;

namespace ServerlessLoki.Cli.Load;

/// <summary>Reader of a trace file, which gives the rate over time.</summary>
/// <remarks>
/// Each line is <c>seconds,qps</c> or <c>seconds,fromQps,toQps</c>, either with a phase name at its end, or one number:
/// the queries of one second. Empty lines, lines that start with <c>#</c> and one header line are skipped.
/// </remarks>
internal static class LoadTrace
{
    /// <summary>Parses a trace.</summary>
    /// <param name="source">Name of the file for messages.</param>
    /// <param name="lines">Lines of the file.</param>
    /// <exception cref="BadInputException">Lists every line that is wrong.</exception>
    public static IReadOnlyList<LoadPhase> Parse(string source, IReadOnlyList<string> lines)
    {
        var faults = new List<string>();
        var phases = new List<LoadPhase>();
        var seen = false;
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            var header = !seen && !line.Split(',')[0].Trim().All(c => char.IsDigit(c) || c is '.' or '-' or '+' or 'e' or 'E');
            seen = true;
            if (!header)
                ParseLine(line.Split(',', StringSplitOptions.TrimEntries), $"{source} line {i + 1}", phases, faults);
        }

        if (phases.Count == 0 && faults.Count == 0)
            faults.Add($"{source}: no line with a rate; write lines such as '10,25' (10 seconds at 25 queries/s)");
        return faults.Count == 0 ? Merge(phases) : throw new BadInputException(faults);
    }

    /// <summary>Returns the first <paramref name="duration"/> of a trace.</summary>
    public static IReadOnlyList<LoadPhase> Cut(IReadOnlyList<LoadPhase> phases, TimeSpan duration)
    {
        var cut = new List<LoadPhase>();
        var left = duration;
        foreach (var phase in phases)
        {
            if (left <= TimeSpan.Zero)
                break;
            cut.Add(phase.Duration <= left ? phase : phase with { Duration = left, ToQps = phase.RateAt(left) });
            left -= phase.Duration;
        }

        return cut;
    }

    private static void ParseLine(string[] cells, string where, List<LoadPhase> phases, List<string> faults)
    {
        var numbers = cells.TakeWhile(c => double.TryParse(c, out _)).Select(double.Parse).ToArray();
        var name = numbers.Length < cells.Length ? cells[numbers.Length] : null;
        var bad = faults.Count;
        if (numbers.Length is 0 or > 3 || cells.Length > numbers.Length + 1 || (numbers.Length == 1 && name is not null))
            faults.Add($"{where}: found '{string.Join(',', cells)}', allowed: 'qps', 'seconds,qps[,name]' or 'seconds,fromQps,toQps[,name]'");
        else if (numbers.Length > 1 && !(numbers[0] > 0 && numbers[0] <= 86_400))
            faults.Add($"{where}: found {cells[0]} seconds, allowed: above 0 up to 86400");
        if (numbers.Length is > 0 and <= 3)
        {
            foreach (var rate in numbers.Length == 1 ? numbers : numbers[1..])
            {
                if (!(rate >= 0 && rate <= 1e6))
                    faults.Add($"{where}: found {rate} queries/s, allowed: 0 up to 1000000");
            }
        }

        if (faults.Count > bad)
            return;
        phases.Add(numbers.Length == 1
            ? new LoadPhase(string.Empty, numbers[0], numbers[0], TimeSpan.FromSeconds(1))
            : new LoadPhase(name ?? string.Empty, numbers[1], numbers[^1], TimeSpan.FromSeconds(numbers[0])));
    }

    // Per-second traces have thousands of lines: unnamed neighbours of the same rate become one phase, the rest get a number.
    private static List<LoadPhase> Merge(List<LoadPhase> phases)
    {
        var merged = new List<LoadPhase>();
        foreach (var phase in phases)
        {
            if (merged.Count > 0 && phase.Name.Length == 0 && merged[^1] is { Name.Length: 0 } last
                && last.ToQps == phase.FromQps && last.FromQps == last.ToQps && phase.FromQps == phase.ToQps)
                merged[^1] = last with { Duration = last.Duration + phase.Duration };
            else
                merged.Add(phase);
        }

        return [.. merged.Select((p, i) => p.Name.Length > 0 ? p : p with { Name = $"{i + 1}" })];
    }
}
