using ServerlessLoki.Cli.Load;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Benchmarks.Attack;

/// <summary>What a few plain clients get: pictures at random times, far below what the machine can serve; and probes.</summary>
internal sealed record PlainClients(int Sent, int InTime, IReadOnlyDictionary<string, int> Outcomes, double? P50Ms, double? P99Ms, double ProbeMaxMs)
{
    private const double PerSecond = 5;

    public double Share => Sent == 0 ? 0 : (double)InTime / Sent;

    /// <summary>Asks for a while.</summary>
    public static async Task<PlainClients> AskAsync(Uri server, TimeSpan time, ulong seed)
    {
        var info = await ServerInfo.AskAsync(server, null, CancellationToken.None);
        var bodies = Enumerable.Range(0, 16).Select(i => QueryBody.Picture(PictureCodec.EncodePng(SceneGenerator.Generate(TrafficSample.HeldOutSeed + (ulong)i).Image))).ToArray();
        using var target = new HttpLoadTarget(server, info.Pipeline, bodies, TimeSpan.FromSeconds(10));
        LoadPhase[] phases = [new("plain", PerSecond, PerSecond, time)];
        using var stop = new CancellationTokenSource();
        var probing = ProbeAsync(server, stop.Token);
        var records = await new LoadGenerator(target, TimeProvider.System).RunAsync(ArrivalSchedule.Build(phases, ArrivalKind.Poisson, seed), seed, CancellationToken.None);
        await stop.CancelAsync();
        var report = LoadReports.PerPhase(phases, records, info.SloMs!.Value)[^1];
        return new PlainClients(
            report.Offered, records.Count(r => r.Attained(info.SloMs.Value)), report.Outcomes, report.P50Ms, report.P99Ms, await probing);
    }

    private static async Task<double> ProbeAsync(Uri server, CancellationToken stop)
    {
        using var client = HttpLoadTarget.Client(TimeSpan.FromSeconds(30));
        var worst = 0.0;
        try
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
            while (await timer.WaitForNextTickAsync(stop))
            {
                var started = TimeProvider.System.GetTimestamp();
                using var response = await client.GetAsync(new Uri(server, "v2/health/ready"), stop);
                worst = Math.Max(worst, TimeProvider.System.GetElapsedTime(started).TotalMilliseconds);
            }
        }
        catch (OperationCanceledException)
        {
            // The clients are done.
        }

        return worst;
    }
}
