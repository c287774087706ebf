using System.Diagnostics;
using System.Net.Sockets;
using ServerlessLoki.Samples;

namespace ServerlessLoki.Benchmarks.Serving;

/// <summary>How soon `loki up` answers ready, and what it holds when idle. The reference is the promise of the product.</summary>
internal static class FootprintBenchmark
{
    private const int FirstStarts = 3;
    private const int Starts = 5;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string[] args)
    {
        var pipeline = args.Length > 0 ? args[0] : TrafficSample.PipelinePath;
        var (first, ready, resident) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < FirstStarts; i++)
            await InFolderAsync(async data => first.Add((await StartAsync(pipeline, data, TimeSpan.Zero)).ReadySeconds));
        await InFolderAsync(async data =>
        {
            await StartAsync(pipeline, data, TimeSpan.Zero);
            for (var i = 0; i < Starts; i++)
            {
                var (seconds, megabytes) = await StartAsync(pipeline, data, Idle);
                ready.Add(seconds);
                resident.Add(megabytes);
            }
        });
        Console.WriteLine($"loki up, median of {FirstStarts} first and {Starts} later starts");
        Console.WriteLine($"  ready after, first start     {Median.Of(first),6:0.00} s    (promise: 3 s; empty data folder, latencies measured, slowest {first.Max():0.00} s)");
        Console.WriteLine($"  ready after, later starts    {Median.Of(ready),6:0.00} s    (promise: 3 s; latencies stored)");
        Console.WriteLine($"  resident, idle               {Median.Of(resident),6:0} MB   (promise: below 300 MB)");
        return Math.Max(Median.Of(first), Median.Of(ready)) <= 3 && Median.Of(resident) < 300 ? 0 : 1;
    }

    private static async Task InFolderAsync(Func<string, Task> use)
    {
        var data = Directory.CreateTempSubdirectory("loki-bench").FullName;
        try
        {
            await use(data);
        }
        finally
        {
            Directory.Delete(data, true);
        }
    }

    private static async Task<(double ReadySeconds, double ResidentMegabytes)> StartAsync(string pipeline, string data, TimeSpan idle)
    {
        var port = FreePort();
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])
            [Path.Combine(AppContext.BaseDirectory, "loki.dll"), "up", "--pipeline", pipeline, "--data", data, "--port", $"{port}"])
            start.ArgumentList.Add(argument);
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
            while (!await IsReadyAsync(http))
            {
                if (process.HasExited || clock.Elapsed > TimeSpan.FromMinutes(1))
                    throw new InvalidOperationException("loki up did not become ready.");
                await Task.Delay(10);
            }

            var ready = clock.Elapsed.TotalSeconds;
            await Task.Delay(idle);
            process.Refresh();
            return (ready, process.WorkingSet64 / 1e6);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient http)
    {
        try
        {
            using var response = await http.GetAsync(new Uri("v2/health/ready", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
