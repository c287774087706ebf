using System.Globalization;
using System.Net;
using System.Text.Json;
using ServerlessLoki.Benchmarks.Serving;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Benchmarks.Attack;

/// <summary>More load than the machine can serve: open loop at multiples of what it serves, and closed loops of eager clients.</summary>
/// <remarks>Promises of the product: at least 99 % of the admitted are in time, goodput does not fall as more is offered, the median
/// refusal takes at most 20 ms, four of five that wait as told are served. The generator shares the cores: its lag is printed.</remarks>
internal static class OverloadBenchmark
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(12);
    private static readonly double[] Multiples = [1, 3, 10];
    private static readonly int[] Crowds = [30, 300, 1000];
    private static readonly int[] Clients = [1, 2, 4, 8, 16, 64];

    public static async Task<int> RunAsync(string[] args)
    {
        var png = args.Contains("--png");
        // A server that has cores of its own: `taskset -c 1 dotnet … overload --server-cores 0`.
        var cores = Array.IndexOf(args, "--server-cores") is var at && at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
        args = cores is null ? args : [.. args.Where((_, i) => i != at && i != at + 1)];
        var rate = args.FirstOrDefault(a => double.TryParse(a, CultureInfo.InvariantCulture, out _)) is { } given ? double.Parse(given, CultureInfo.InvariantCulture) : 0;
        var data = Directory.CreateTempSubdirectory("loki-bench").FullName;
        try
        {
            var bodies = Bodies(png);
            if (!args.Contains("--crowd"))
            {
                await using var loki = await LokiProcess.StartOnAsync(cores, data);
                var capacity = rate > 0 ? rate : await CapacityAsync(loki.Address, bodies);
                Console.WriteLine($"open loop, {(png ? "PNG" : "binary tensors")}; 1 x = {capacity:0} queries/s");
                foreach (var multiple in Multiples)
                    await OpenLoopAsync(loki, bodies, multiple, capacity * multiple);
            }

            await CrowdAsync(cores, data);
            if (!args.Contains("--crowd"))
            {
                await using var loki = await LokiProcess.StartOnAsync(cores, data, "--pipeline", OneVariant(data));
                await EagerClientsAsync(loki.Address, bodies);
            }

            return 0;
        }
        finally
        {
            Directory.Delete(data, true);
        }
    }

    private static QueryBody[] Bodies(bool png) => [.. Enumerable.Range(0, 32).Select(i =>
    {
        using var scene = SceneGenerator.Generate(TrafficSample.HeldOutSeed + (ulong)i).Image;
        return png ? QueryBody.Picture(PictureCodec.EncodePng(scene)) : QueryBody.Tensors([new TensorData("image", "UINT8", [scene.Height, scene.Width, 3], scene.Pixels.ToArray())], wantsBinary: false);
    })];

    /// <summary>Answers per second of a few clients that never wait: what the machine has left for the server.</summary>
    private static async Task<double> CapacityAsync(Uri server, QueryBody[] bodies)
    {
        await ClosedLoop.AnsweredAsync(server, "traffic", bodies, 8, TimeSpan.FromSeconds(5));
        return (await ClosedLoop.AnsweredAsync(server, "traffic", bodies, 8, TimeSpan.FromSeconds(8))).PerSecond;
    }

    /// <summary>The sample's largest detector by itself, with a deadline that dozens of queries fit into.</summary>
    private static string OneVariant(string data)
    {
        var file = Path.Combine(data, "one.json");
        var model = JsonSerializer.Serialize(Path.Combine(TrafficSample.Directory, "models", "detect-x.onnx"));
        File.WriteAllText(file, $$"""
            { "name": "one", "sloMs": 2000, "input": { "name": "image", "datatype": "UINT8", "shape": [-1, -1, 3] },
              "tasks": [ { "name": "detect", "output": { "kind": "detections", "tensor": "detections", "labels": ["car", "person"], "minScore": 0.3 },
                           "variants": [ { "name": "detect-x", "model": {{model}}, "accuracy": 0.9 } ] } ] }
            """);
        return file;
    }

    private static async Task CrowdAsync(string? cores, string data)
    {
        Console.WriteLine("closed loop, sample pipeline, SLO 400 ms, PNG: clients that ask again at once, also when refused");
        await using var loki = await LokiProcess.StartOnAsync(cores, data);
        var bodies = Bodies(png: true);
        await ClosedLoop.AnsweredAsync(loki.Address, "traffic", bodies, 8, TimeSpan.FromSeconds(3));
        foreach (var clients in Crowds)
        {
            using var stop = new CancellationTokenSource();
            using var probes = Probes.Start(loki.Address, loki.ProbeAddress);
            var patient = PatientClient.AskAsync(loki.Address, bodies[0], stop.Token);
            var got = await ClosedLoop.AnsweredAsync(loki.Address, "traffic", bodies, clients, TimeSpan.FromSeconds(8), 400);
            await stop.CancelAsync();
            var (waited, served) = await patient;
            var probeMs = await probes.StopAsync();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {clients,5} clients: answered {got.PerSecond,6:0}/s, of them within 400 ms {got.InTimeShare:0.0 %}, p50 {got.P50Ms:0} ms, p99 {got.P99Ms:0} ms; refused {got.RefusedShare:0.0 %}, median {got.RefusedP50Ms:0.0} ms; waited as told {waited}, then served {served}; probe max {probeMs[0]:0} ms, on its own port {probeMs[1]:0} ms"));
        }
    }

    private static async Task EagerClientsAsync(Uri server, QueryBody[] bodies)
    {
        Console.WriteLine("closed loop, one variant, SLO 2,000 ms: clients that ask again at once, also when refused");
        await ClosedLoop.AnsweredAsync(server, "one", bodies, 2, TimeSpan.FromSeconds(5));
        var most = 0.0;
        foreach (var clients in Clients)
        {
            var got = await ClosedLoop.AnsweredAsync(server, "one", bodies, clients, TimeSpan.FromSeconds(6));
            most = Math.Max(most, got.PerSecond);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {clients,4} clients: answered {got.PerSecond,6:0.0}/s ({got.PerSecond / most:0 %} of the most so far), refused {got.RefusedShare:0 %}, p50 {got.P50Ms:0} ms"));
        }
    }

    private static async Task OpenLoopAsync(LokiProcess loki, QueryBody[] bodies, double multiple, double rate)
    {
        var server = loki.Address;
        var info = await ServerInfo.AskAsync(server, "traffic", CancellationToken.None);
        using var target = new HttpLoadTarget(server, info.Pipeline, bodies, TimeSpan.FromSeconds(10));
        LoadPhase[] phases = [new("settle", rate, rate, TimeSpan.FromSeconds(3)), new("measured", rate, rate, Time)];
        using var stop = new CancellationTokenSource();
        using var probes = Probes.Start(server, loki.ProbeAddress);
        var patient = PatientClient.AskAsync(server, bodies[0], stop.Token);
        var records = await new LoadGenerator(target, TimeProvider.System, 2048).RunAsync(ArrivalSchedule.Build(phases, ArrivalKind.Poisson, 5), 5, CancellationToken.None);
        await stop.CancelAsync();
        var measured = records.Where(r => r.Phase == 1).ToArray();
        var report = LoadReports.Of("measured", Time.TotalSeconds, measured, info.SloMs!.Value);
        // From the moment of sending: the generator's own lag is not the server's.
        var admitted = measured.Where(r => r.Reply.Status is (int)HttpStatusCode.OK or (int)HttpStatusCode.GatewayTimeout).ToArray();
        var inTime = admitted.Count(r => r.Completed && (r.DoneUs - r.SentUs) / 1000.0 <= info.SloMs.Value);
        var refusals = measured.Where(r => r.Reply.Status == 429).Select(r => (r.DoneUs - r.SentUs) / 1000.0).Order().ToArray();
        var (waited, served) = await patient;
        var probeMs = await probes.StopAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {multiple,4:0.#} x {report.OfferedQps,7:0}/s: in time {inTime / Time.TotalSeconds,6:0}/s; admitted in time {(admitted.Length == 0 ? 1 : (double)inTime / admitted.Length),6:0.0 %}; refused {refusals.Length,6}, median {Percentile.Of(refusals, 0.5) ?? 0:0.0} ms; waited as told {waited}, then served {served}; probe max {probeMs[0]:0} ms, on its own port {probeMs[1]:0} ms; send lag p99 {report.SendLagP99Ms:0} ms; accuracy {report.EffectiveAccuracy:0.000}; {string.Join(", ", report.Outcomes.Select(o => $"{o.Key} {o.Value}"))}"));
    }
}
