using ServerlessLoki.Embedded;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Benchmarks.Serving;

/// <summary>What the whole stack costs: HTTP, parsing, queue, batch, answer, with the client on the same cores.</summary>
/// <remarks>Promises of the product: saturated throughput at least 85 % of the bare loop, less than 1 ms added at p50.</remarks>
internal static class StackBenchmark
{
    private const int Rounds = 5;

    /// <summary>Runs, requests and exchanges per round and median.</summary>
    private const int Requests = 100;

    /// <summary>The throughput promise is for variants that take at least this long at batch 1.</summary>
    private const double HeavyMs = 5;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);

    public static async Task<int> RunAsync(string[] args)
    {
        string[] variants = args.Length > 0 ? [args[0]] : ["detect-x", "detect-l", "classify-vehicle-x"];
        var pipeline = args.Length > 1 ? args[1] : TrafficSample.PipelinePath;
        var cores = Environment.ProcessorCount;
        var data = Directory.CreateTempSubdirectory("loki-bench").FullName;
        try
        {
            var kept = true;
            foreach (var variant in variants)
            {
                foreach (var batch in (int[])[1, 4])
                    kept &= await MeasureAsync(pipeline, variant, batch, cores, data);
            }

            return kept ? 0 : 1;
        }
        finally
        {
            Directory.Delete(data, true);
        }
    }

    private static async Task<bool> MeasureAsync(string pipeline, string variant, int batch, int cores, string data)
    {
        await using var host = await EmbeddedHost.StartAsync(
            new EmbeddedHostOptions
            {
                PipelineFiles = [pipeline],
                DataDirectory = data,
                Engine = new EngineOptions { MaxBatch = batch, Parallelism = cores },
            },
            CancellationToken.None);
        var source = host.Engine.Pipelines[0];
        var known = source.Pipeline.Tasks.SelectMany(t => t.Variants).First(v => v.Name == variant);
        using var model = OnnxModel.Load(variant, source.ModelPath(known), new ModelOptions { MaxBatch = batch });
        using var client = new WireClient(host.BaseAddress, model, batch, cores * 2);
        using var loopback = new Loopback(client.RequestBytes, client.AnswerBytes());
        client.Throughput(TimeSpan.FromSeconds(1));
        BareLoop.Throughput(model, cores, batch, TimeSpan.FromSeconds(1));

        // Alternating, so that what else the machine does hits all alike.
        var (bare, stack, ratios) = (new List<double>(), new List<double>(), new List<double>());
        var light = new LightLoad();
        for (var round = 0; round < Rounds; round++)
        {
            bare.Add(BareLoop.Throughput(model, cores, batch, Duration));
            stack.Add(client.Throughput(Duration));
            ratios.Add(stack[^1] / bare[^1]);
            light.Measure(model, client, loopback, batch == 1 ? Requests : 1);
        }

        var ratio = Median.Of(ratios);
        var heavy = light.BareMs >= HeavyMs;
        Console.WriteLine($"{variant}, batch {batch}, {cores} cores, median of {Rounds} rounds of {Duration.TotalSeconds:0} s, request {client.RequestBytes / 1024} KB");
        Console.WriteLine($"  bare ONNX Runtime loop   {Median.Of(bare),8:0.0} rows/s");
        Console.WriteLine($"  whole stack over HTTP    {Median.Of(stack),8:0.0} rows/s   ratio {ratio:0.000}{(heavy ? "   (promise: at least 0.85)" : "")}");
        if (batch > 1)
            return !heavy || ratio >= 0.85;
        Console.WriteLine($"  one in flight, p50: bare run {light.BareMs:0.00} ms, whole stack {light.StackMs:0.00} ms");
        Console.WriteLine($"  added at light load, p50 {light.AddedMs,8:0.00} ms      (promise: below 1 ms; sockets that only pass the bytes: {light.SocketsMs:0.00} ms)");
        return (!heavy || ratio >= 0.85) && light.AddedMs < 1;
    }
}
