namespace ServerlessLoki.Cli.Cores;

/// <summary>Measurement on this machine, on Linux only; on other systems it is not available.</summary>
/// <param name="file">File of the kernel's statistics.</param>
internal sealed class MachineCores(string file = "/proc/stat") : ICores
{
    /// <summary>Ticks per second of the kernel's statistics (USER_HZ), the same on every Linux.</summary>
    private const double TicksPerSecond = 100;

    /// <inheritdoc />
    public CoreTimes? Read()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            // The host, the models and the load generator are threads of this process.
            var own = Environment.CpuUsage.TotalTime.TotalSeconds;
            return ProcStat.Parse(File.ReadAllText(file)) is { } stat
                ? new CoreTimes((stat.BusyTicks / TicksPerSecond) - own, stat.Processors, Environment.ProcessorCount)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
