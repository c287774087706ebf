using System.Diagnostics;
using System.Globalization;

namespace ServerlessLoki.Benchmarks.Attack;

/// <summary>Asks for health four times a second, from a process of its own: the generator's work does not delay it.</summary>
internal sealed class Probes : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);
    private readonly Process _process;

    private Probes(Process process) => _process = process;

    /// <summary>Starts to ask each of the servers.</summary>
    public static Probes Start(params Uri[] servers)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])[typeof(Probes).Assembly.Location, "probes", .. servers.Select(static s => s.ToString())])
            start.ArgumentList.Add(argument);
        return new Probes(Process.Start(start)!);
    }

    /// <summary>Ends it; the slowest answer of each server in milliseconds.</summary>
    public async Task<double[]> StopAsync()
    {
        _process.StandardInput.Close();
        var text = await _process.StandardOutput.ReadToEndAsync();
        await _process.WaitForExitAsync();
        return [.. text.Split(' ', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static t => double.Parse(t, CultureInfo.InvariantCulture))];
    }

    public void Dispose() => _process.Dispose();

    /// <summary>The process's own work, until standard input ends.</summary>
    public static async Task<int> RunAsync(string[] servers)
    {
        using var stop = new CancellationTokenSource();
        var slowest = Task.WhenAll(servers.Select(s => SlowestMsAsync(new Uri(s), stop.Token)));
        await Console.In.ReadToEndAsync();
        await stop.CancelAsync();
        Console.WriteLine(string.Join(' ', (await slowest).Select(static ms => ms.ToString("0.0", CultureInfo.InvariantCulture))));
        return 0;
    }

    private static async Task<double> SlowestMsAsync(Uri server, CancellationToken stop)
    {
        using var client = new HttpClient { BaseAddress = server, Timeout = TimeSpan.FromSeconds(10) };
        // The first loads and compiles the client's own code.
        using (await client.GetAsync(new Uri("v2/health/ready", UriKind.Relative), CancellationToken.None))
        {
        }

        var slowest = 0.0;
        try
        {
            using var timer = new PeriodicTimer(Every);
            while (await timer.WaitForNextTickAsync(stop))
            {
                var started = Stopwatch.GetTimestamp();
                using var answer = await client.GetAsync(new Uri("v2/health/ready", UriKind.Relative), CancellationToken.None);
                slowest = Math.Max(slowest, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to end.
        }

        return slowest;
    }
}
