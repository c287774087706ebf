namespace ServerlessLoki.Cli.Cores;

/// <summary>This machine. Measured on Linux; elsewhere it is not known what others take.</summary>
/// <param name="file">Where the kernel tells it.</param>
internal sealed class MachineCores(string file = "/proc/stat") : ICores
{
    /// <summary>The kernel's unit of time towards programs (USER_HZ), the same on every Linux.</summary>
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
