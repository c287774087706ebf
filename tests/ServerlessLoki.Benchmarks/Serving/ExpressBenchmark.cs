using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using ServerlessLoki.Azure.EndToEnd.Tests.Setup;
using ServerlessLoki.Embedded;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Benchmarks.Serving;

/// <summary>What the express path costs over the embedded host's data path: HTTP → Function app → queue → worker → queue → … → HTTP, on
/// the local Functions host with one worker, the local broker and Azurite. The same scenes and variants in turn, one in flight.</summary>
internal static class ExpressBenchmark
{
    private const int Warm = 60;
    private const int Scenes = 8;
    private const int Slots = 3;
    private const string Payloads = "payloads";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(string[] args)
    {
        var turns = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 500;
        if (AzuriteProcess.Missing is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 2;
        }

        var folder = Directory.CreateTempSubdirectory("loki-express").FullName;
        try
        {
            return await MeasureAsync(folder, turns);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static async Task<int> MeasureAsync(string folder, int turns)
    {
        var pipeline = WritePipeline(folder);
        await using var broker = AppProcess.Start("ServerlessLoki.LocalCloud.ServiceBus", new Dictionary<string, string>(), "--amqp-port", "0", "--admin-port", "0");
        await using var azurite = await AzuriteProcess.StartAsync();
        await using var blobs = await StorageProxy.StartAsync("Blob", azurite.ConnectionString);
        var settings = Settings(
            folder, blobs.Through(azurite.ConnectionString), await broker.SaysAsync("ServiceBus=", CancellationToken.None), await broker.SaysAsync("ServiceBus__administration=", CancellationToken.None));
        await using var app = AppProcess.Start("ServerlessLoki.LocalCloud.FunctionsHost", settings, "--app", AppProcess.FolderOf("ServerlessLoki.Functions"), "--port", "0");
        await using var worker = AppProcess.Start("ServerlessLoki.Worker", settings);
        await using var host = await EmbeddedHost.StartAsync(
            new EmbeddedHostOptions
            {
                PipelineFiles = [pipeline], ProfileFile = Path.Combine(Path.GetDirectoryName(pipeline)!, "profile.csv"), DataDirectory = Path.Combine(folder, "data"), Slots = Slots,
            },
            CancellationToken.None);
        using var express = new HttpClient { BaseAddress = new Uri(await app.SaysAsync("ready:", CancellationToken.None)) };
        using var embedded = new HttpClient { BaseAddress = host.BaseAddress };
        var waiting = Stopwatch.StartNew();
        while (!await IsReadyAsync(express))
        {
            if (waiting.Elapsed > Patience)
                throw new TimeoutException("The Function app did not become ready. " + app.Log);
            await Task.Delay(100);
        }

        var scenes = Enumerable.Range(1, Scenes).Select(s => PictureCodec.EncodePng(SceneGenerator.Generate((ulong)s).Image)).ToArray();
        var (here, there) = (new List<double>(), new List<double>());
        for (var turn = -Warm; turn < turns; turn++)
        {
            var png = scenes[(turn + Warm) % Scenes];
            var (a, b) = (await MsAsync(embedded, png), await MsAsync(express, png));
            if (turn < 0)
                continue;
            here.Add(a);
            there.Add(b);
        }

        var operations = blobs.Requests(Payloads) / (double)(Warm + turns);
        Console.WriteLine($"express path beside the embedded host, {turns} scenes each in turn, one in flight, variants -s, {Environment.ProcessorCount} cores");
        foreach (var (name, share) in ((string, double)[])[("p50", 0.5), ("p99", 0.99)])
        {
            var (a, b) = (At(here, share), At(there, share));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name}   embedded {a,7:0.00} ms   express {b,7:0.00} ms   overhead {b - a,7:0.00} ms   ratio {b / a:0.00}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  blob operations per query: {operations:0.##}"));

        return 0;
    }

    /// <summary>One variant for each task, so that both answer with the same.</summary>
    public static string WritePipeline(string folder)
    {
        var target = Directory.CreateDirectory(Path.Combine(folder, "models", "traffic")).FullName;
        var sample = JsonNode.Parse(File.ReadAllText(TrafficSample.PipelinePath))!;
        foreach (var task in sample["tasks"]!.AsArray())
        {
            var variant = task!["variants"]!.AsArray().First(v => ((string)v!["name"]!).EndsWith("-s", StringComparison.Ordinal))!.DeepClone();
            variant["model"] = Path.Combine(TrafficSample.Directory, (string)variant["model"]!);
            task["variants"] = new JsonArray(variant);
        }

        sample["sloMs"] = TrafficFolder.SloMs;
        var path = Path.Combine(target, "pipeline.json");
        File.WriteAllText(path, sample.ToJsonString());
        var rows = File.ReadAllLines(Path.Combine(TrafficSample.Directory, "profile.csv"));
        File.WriteAllLines(Path.Combine(target, "profile.csv"), rows.Where((r, i) => i == 0 || r.Split(',')[0].EndsWith("-s", StringComparison.Ordinal)));
        return path;
    }

    private static Dictionary<string, string> Settings(string folder, string storage, string bus, string administration) => new()
    {
        ["AzureWebJobsStorage"] = storage,
        ["ServiceBus"] = bus,
        ["ServiceBus__administration"] = administration,
        ["FUNCTIONS_WORKER_RUNTIME"] = "dotnet-isolated",
        ["AzureFunctionsJobHost__extensions__durableTask__storageProvider__type"] = "AzureStorage",
        ["AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName"] = "AzureWebJobsStorage",
        ["urls"] = "http://127.0.0.1:0",
        ["Loki__ModelCache"] = Path.Combine(folder, "models"),
        ["Loki__Device"] = "cpu",
        ["Loki__Slots"] = $"{Slots}",
        ["Loki__Fleet__0__Device"] = "cpu",
        ["Loki__Fleet__0__MinReplicas"] = "1",
        ["Loki__Fleet__0__MaxReplicas"] = "1",
        ["Loki__Fleet__0__SlotsPerReplica"] = $"{Slots}",
        ["Logging__LogLevel__Microsoft.AspNetCore"] = "Warning",
    };

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        using var response = await client.GetAsync(new Uri("/v2/health/ready", UriKind.Relative));
        return response.StatusCode == HttpStatusCode.OK;
    }

    private static async Task<double> MsAsync(HttpClient client, byte[] png)
    {
        using var content = new ByteArrayContent(png);
        content.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        var start = Stopwatch.GetTimestamp();
        using var response = await client.PostAsync(new Uri("/v2/models/traffic/infer", UriKind.Relative), content);
        response.EnsureSuccessStatusCode();
        await response.Content.ReadAsByteArrayAsync();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    public static double At(List<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }
}
