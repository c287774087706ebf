using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using ServerlessLoki.Embedded;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Benchmarks.Serving;

/// <summary>What a cluster over NATS costs over the embedded host on the same machine: <c>loki cluster up</c> and two workers as processes beside
/// the host. The same scenes and variants in turn, one in flight; then each by itself under eager clients.</summary>
internal static class ClusterBenchmark
{
    private const int Warm = 60;
    private const int Scenes = 8;
    private const int Clients = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Saturated = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(string[] args)
    {
        var turns = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 500;
        if (NatsServerProcess.Missing is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 2;
        }

        var folder = Directory.CreateTempSubdirectory("loki-cluster-").FullName;
        var processes = new List<Process>();
        try
        {
            return await MeasureAsync(folder, turns, processes);
        }
        finally
        {
            foreach (var process in processes)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync();
                process.Dispose();
            }

            Directory.Delete(folder, true);
        }
    }

    private static async Task<int> MeasureAsync(string folder, int turns, List<Process> processes)
    {
        var pipeline = ExpressBenchmark.WritePipeline(folder);
        await using var server = await NatsServerProcess.StartAsync();
        using (var push = Loki("models", "push", Path.GetDirectoryName(pipeline)!, "--nats", server.Url))
            await push.WaitForExitAsync();
        var port = FixedPorts.Free();
        processes.Add(Loki("up", "--nats", server.Url, "--port", $"{port}", "--models", Path.Combine(folder, "up")));
        for (var worker = 0; worker < 2; worker++)
            processes.Add(Loki("worker", "--nats", server.Url, "--slots", "3", "--models", Path.Combine(folder, $"worker-{worker}")));
        await using var host = await EmbeddedHost.StartAsync(
            new EmbeddedHostOptions
            {
                PipelineFiles = [pipeline], ProfileFile = Path.Combine(Path.GetDirectoryName(pipeline)!, "profile.csv"), DataDirectory = Path.Combine(folder, "data"), Slots = 6,
            },
            CancellationToken.None);
        using var cluster = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        using var embedded = new HttpClient { BaseAddress = host.BaseAddress };
        var waiting = Stopwatch.StartNew();
        while (!await IsReadyAsync(cluster))
        {
            if (waiting.Elapsed > Patience)
                throw new TimeoutException("The cluster did not become ready.");
            await Task.Delay(100);
        }

        var scenes = Enumerable.Range(1, Scenes).Select(s => PictureCodec.EncodePng(SceneGenerator.Generate((ulong)s).Image)).ToArray();
        var (here, there) = (new List<double>(), new List<double>());
        for (var turn = -Warm; turn < turns; turn++)
        {
            var png = scenes[(turn + Warm) % Scenes];
            var (a, b) = (await MsAsync(embedded, png), await MsAsync(cluster, png));
            if (turn < 0)
                continue;
            here.Add(a);
            there.Add(b);
        }

        Console.WriteLine($"cluster of two workers over NATS beside the embedded host, {turns} scenes each in turn, one in flight, variants -s, {Environment.ProcessorCount} cores");
        foreach (var (name, share) in ((string, double)[])[("p50", 0.5), ("p99", 0.99)])
        {
            var (a, b) = (ExpressBenchmark.At(here, share), ExpressBenchmark.At(there, share));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name}   embedded {a,7:0.00} ms   cluster {b,7:0.00} ms   overhead {b - a,7:0.00} ms   ratio {b / a:0.00}"));
        }

        // In turn, twice, so that a drift of the machine falls on both.
        var (ours, theirs) = (0.0, 0.0);
        for (var round = 0; round < 2; round++)
        {
            theirs += await GoodputAsync(embedded, scenes) / 2;
            ours += await GoodputAsync(cluster, scenes) / 2;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  saturated by {Clients} clients   embedded {theirs:0.0}/s   cluster {ours:0.0}/s   ratio {ours / theirs:0.00}"));
        return 0;
    }

    /// <summary>Answers per second to clients that ask again at once.</summary>
    private static async Task<double> GoodputAsync(HttpClient client, byte[][] scenes)
    {
        var answered = 0;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async c =>
        {
            for (var i = c; clock.Elapsed < Saturated; i++)
            {
                using var response = await PostAsync(client, scenes[i % Scenes]);
                if (response.IsSuccessStatusCode)
                    Interlocked.Increment(ref answered);
                else
                    await Task.Delay(10);
            }
        }));
        return answered / clock.Elapsed.TotalSeconds;
    }

    private static async Task<double> MsAsync(HttpClient client, byte[] png)
    {
        var start = Stopwatch.GetTimestamp();
        using var response = await PostAsync(client, png);
        response.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, byte[] png)
    {
        using var content = new ByteArrayContent(png);
        content.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        return await client.PostAsync(new Uri("/v2/models/traffic/infer", UriKind.Relative), content);
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using var response = await client.GetAsync(new Uri("/v2/health/ready", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static Process Loki(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "loki.dll"), "cluster", .. arguments]) { UseShellExecute = false };
        return Process.Start(start)!;
    }
}
