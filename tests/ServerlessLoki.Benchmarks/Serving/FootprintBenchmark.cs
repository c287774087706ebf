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
        await using var loki = await LokiProcess.StartAsync(data, "--pipeline", pipeline);
        await Task.Delay(idle);
        return (loki.Ready.TotalSeconds, loki.ResidentMegabytes);
    }
}
