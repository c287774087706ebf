using System.Globalization;

namespace ServerlessLoki.Cli.Cores;

/// <summary>Processor time of all programs on a Linux machine since it started, from <c>/proc/stat</c>.</summary>
/// <param name="BusyTicks">Time in user and kernel mode and stolen by the hypervisor, all processors together, ticks.</param>
/// <param name="Processors">Number of processors in the file.</param>
/// <remarks>Interrupts are left out: they cannot be attributed to a process, and those of a load generator on the same machine are its
/// own.</remarks>
internal sealed record ProcStat(long BusyTicks, int Processors)
{
    // cpu user nice system idle iowait irq softirq steal guest guest_nice; guest time is in user time already.
    private const int User = 1;
    private const int Nice = 2;
    private const int System = 3;
    private const int Steal = 8;

    /// <summary>Parses the file's text; null if it has another form, or if the kernel fills in no times, as in some sandboxes.</summary>
    public static ProcStat? Parse(string text)
    {
        long? busy = null;
        var processors = 0;
        foreach (var line in text.Split('\n'))
        {
            if (!line.StartsWith("cpu", StringComparison.Ordinal))
                continue;
            if (line.Length > 3 && char.IsAsciiDigit(line[3]))
                processors++;
            else if (line.StartsWith("cpu ", StringComparison.Ordinal))
                busy = Busy(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        return busy is > 0 and var ticks && processors > 0 ? new ProcStat(ticks, processors) : null;
    }

    private static long? Busy(string[] fields)
    {
        long sum = 0;
        foreach (var field in (ReadOnlySpan<int>)[User, Nice, System, Steal])
        {
            // Old kernels know no stolen time.
            if (field >= fields.Length)
                return field == Steal ? sum : null;
            if (!long.TryParse(fields[field], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks))
                return null;
            sum += ticks;
        }

        return sum;
    }
}
