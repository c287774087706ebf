using System.Diagnostics;
using System.Globalization;

namespace ServerlessLoki.Benchmarks.Fidelity;

/// <summary>Core time spent up to a moment, milliseconds, as Linux counts it per thread; waiting for a core is not in it.</summary>
/// <param name="BatchMs">By the host's compute threads: batches, from filling the input to handing on the children.</param>
/// <param name="ProcessMs">By the whole process: host, client and all.</param>
/// <param name="MachineMs">By everybody on the machine, and what its hypervisor took away.</param>
/// <param name="PauseMs">How long the garbage collector has stopped the process; wall time.</param>
/// <param name="Clock">When, milliseconds of a steady clock.</param>
internal sealed record CoreTimes(double BatchMs, double ProcessMs, double MachineMs, double PauseMs, double Clock)
{
    private const string ComputeThread = "compute ";
    private const double TickMs = 10;

    public static CoreTimes Now() => new(
        Threads(), Environment.CpuUsage.TotalTime.TotalMilliseconds, Machine(), GC.GetTotalPauseDuration().TotalMilliseconds,
        Stopwatch.GetTimestamp() * 1000.0 / Stopwatch.Frequency);

    public static CoreTimes operator -(CoreTimes now, CoreTimes before) => new(
        now.BatchMs - before.BatchMs, now.ProcessMs - before.ProcessMs, now.MachineMs - before.MachineMs, now.PauseMs - before.PauseMs,
        now.Clock - before.Clock);

    /// <summary>Share of all cores that others had.</summary>
    public double OthersShare => Math.Max(0, MachineMs - ProcessMs) / Clock / Environment.ProcessorCount;

    private static double Threads()
    {
        var ms = 0.0;
        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            if (File.ReadAllText(Path.Combine(thread, "comm")).StartsWith(ComputeThread, StringComparison.Ordinal))
                ms += long.Parse(File.ReadAllText(Path.Combine(thread, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture) / 1e6;
        }

        return ms > 0 ? ms : throw new PlatformNotSupportedException("/proc/self/task has no compute threads: this benchmark needs the host in its own process, and Linux.");
    }

    // user nice system idle iowait irq softirq steal: all but the two idle ones.
    private static double Machine() => File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9]
        .Select(t => long.Parse(t, CultureInfo.InvariantCulture)).Where((_, i) => i is not (3 or 4)).Sum() * TickMs;
}
