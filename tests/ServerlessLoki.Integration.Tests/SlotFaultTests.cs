using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using ServerlessLoki.Embedded;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Integration.Tests;

/// <summary>Slots that die under load, real models, real HTTP: what becomes of their queries, and of all others.</summary>
public sealed class SlotFaultTests : IAsyncLifetime
{
    private const int Clients = 4;
    private const int Victim = 1;
    private readonly string _data = Directory.CreateTempSubdirectory("loki-fault").FullName;
    private EmbeddedHost _host = null!;
    private HttpClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ServingEngine Engine => _host.Engine;

    private long Killed => Engine.Metrics.Variants[0][Victim].Sum(v => v.Failures);

    public async ValueTask InitializeAsync()
    {
        // Backups would serve the variant while its slot is down: the last worker is to die.
        _host = await EmbeddedHost.StartAsync(
            new EmbeddedHostOptions { PipelineFiles = [PatientPipeline.Write(_data)], DataDirectory = _data, Engine = new() { Standby = false } }, Token);
        _client = new HttpClient { BaseAddress = _host.BaseAddress };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact(Timeout = 120_000)]
    public async Task Kill_TheOnlySlotOfAVariantUnderLoad_QueriesEndInTimeAndOthersNoticeNothing()
    {
        const int Kills = 25;
        await Engine.ForcePlanAsync(PinnedPlan.On(Engine, variant: 0, replicas: 1), Token);
        var scenes = await ScenesAsync();
        Assert.Contains(scenes, s => s.MeetsVictim);
        Assert.Contains(scenes, s => !s.MeetsVictim);

        var ended = await UnderLoadAsync(scenes, async () =>
        {
            while (Killed < Kills)
                await KillAsync(Killed + 1);
        });

        Assert.All(ended, CheckEnd);
        Assert.All(ended.Where(e => !e.Scene.MeetsVictim), e => Assert.Equal(200, e.Status));
        Assert.Contains(ended, e => e.Scene.MeetsVictim && e.Status == 200);
        await CheckHealthAsync(scenes);
    }

    [Fact(Timeout = 120_000)]
    public async Task Kill_EverySlotOfAVariantAtOnce_QueriesFailWithOneClearError()
    {
        await Engine.ForcePlanAsync(PinnedPlan.On(Engine, variant: 0, replicas: 2), Token);
        var scenes = await ScenesAsync();
        var failed = false;

        var ended = await UnderLoadAsync(scenes, async () =>
        {
            for (var round = 0; round < 50 && !failed; round++)
            {
                while (Victims().Count(s => s.State is "idle" or "busy") < 2)
                    await Task.Delay(1, Token);
                await KillAsync(Killed + 1);
            }
        }, onEnd: e => failed |= e.Status == 500);

        Assert.True(failed, $"{Killed} batches were lost and no row met two of them");
        Assert.All(ended, CheckEnd);
        Assert.All(ended.Where(e => !e.Scene.MeetsVictim), e => Assert.Equal(200, e.Status));
        await CheckHealthAsync(scenes);
    }

    /// <summary>Answered as without the fault, or told why not; never left to its deadline.</summary>
    private static void CheckEnd(Ended ended)
    {
        Assert.InRange(ended.Ms, 0, PatientPipeline.SloMs);
        if (ended.Status == 200)
        {
            Assert.Equal(ended.Scene.Outputs, ended.Body);
            return;
        }

        Assert.Equal((500, ended.Body), (ended.Status, ended.Body));
        var error = JsonNode.Parse(ended.Body)!;
        Assert.Equal("failed", (string?)error["code"]);
        Assert.Matches("^Variant classify-vehicle-n failed twice: Injected fault on slot cpu/[0-9]+\\.$", (string?)error["error"]);
    }

    /// <summary>After the faults: every slot is back, and every scene is answered as before them.</summary>
    private async Task CheckHealthAsync(IReadOnlyList<Scene> scenes)
    {
        while (Engine.Status().Slots.Any(s => s.State is "failed" or "loading"))
            await Task.Delay(10, Token);
        foreach (var scene in scenes)
        {
            using var response = await _client.PostBytesAsync("/v2/models/traffic/infer", scene.Png, null, "image/png");
            Assert.Equal((200, scene.Outputs), ((int)response.StatusCode, await OutputsAsync(response)));
        }
    }

    /// <summary>Kills all slots of the victim's variant and waits until that many of its batches were lost.</summary>
    private async Task KillAsync(long lost)
    {
        while (Killed < lost)
        {
            foreach (var slot in Victims())
                Engine.InjectSlotFault(slot.Id);
            await Task.Delay(5, Token);
        }
    }

    private IEnumerable<SlotStatus> Victims() => Engine.Status().Slots.Where(s => s.Variant == "classify-vehicle-n");

    private async Task<List<Ended>> UnderLoadAsync(IReadOnlyList<Scene> scenes, Func<Task> during, Action<Ended>? onEnd = null)
    {
        var ended = new ConcurrentQueue<Ended>();
        var stopped = false;
        var load = Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            for (var i = client; !Volatile.Read(ref stopped); i++)
            {
                var scene = scenes[i % scenes.Count];
                var start = Stopwatch.GetTimestamp();
                using var response = await _client.PostBytesAsync("/v2/models/traffic/infer", scene.Png, null, "image/png");
                var body = response.IsSuccessStatusCode ? await OutputsAsync(response) : await response.TextAsync();
                var end = new Ended(scene, (int)response.StatusCode, body, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                ended.Enqueue(end);
                onEnd?.Invoke(end);
            }
        })).ToArray();
        try
        {
            await during();
        }
        finally
        {
            Volatile.Write(ref stopped, true);
            await Task.WhenAll(load);
        }

        return [.. ended];
    }

    /// <summary>Scenes with what the healthy pipeline answers: with and without vehicles.</summary>
    private async Task<IReadOnlyList<Scene>> ScenesAsync()
    {
        var scenes = new List<Scene>();
        for (ulong seed = 1; seed <= 40; seed++)
        {
            var png = PictureCodec.EncodePng(SceneGenerator.Generate(seed).Image);
            using var response = await _client.PostBytesAsync("/v2/models/traffic/infer", png, null, "image/png");
            Assert.Equal(200, (int)response.StatusCode);
            var outputs = await OutputsAsync(response);
            var vehicles = JsonNode.Parse(outputs)!.AsArray().Single(o => (string)o!["name"]! == "classify-vehicle.parent")!["data"]!.AsArray();
            scenes.Add(new Scene(png, outputs, vehicles.Count > 0));
        }

        return scenes;
    }

    private static async Task<string> OutputsAsync(HttpResponseMessage response) =>
        (await response.JsonAsync()).GetProperty("outputs").GetRawText();

    private sealed record Scene(byte[] Png, string Outputs, bool MeetsVictim);

    private sealed record Ended(Scene Scene, int Status, string Body, double Ms);
}
