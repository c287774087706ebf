using System.Collections.Immutable;
using ServerlessLoki.Embedded;
using ServerlessLoki.Planning;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Integration.Tests;

/// <summary>Real models, swapped again and again while two callers in this process query without a deadline of their own. Alone in
/// the process, whose memory it measures.</summary>
[Collection(nameof(AloneCollection))]
public sealed class SwapSoakTests : IDisposable
{
    /// <summary>Variants replaced by another of their task, three with each change of the plan; there are at least two rounds.</summary>
    private const int SwapsPerRound = 500;
    private static readonly TimeSpan Lost = TimeSpan.FromSeconds(30);
    private readonly string _data = Directory.CreateTempSubdirectory("loki-soak").FullName;

    [Fact(Timeout = 300_000)]
    public async Task Swap_AThousandTimesUnderLoad_LosesNoQueryAndMemoryStaysLevel()
    {
        // No idle models: each swap really loads and disposes.
        await using var host = await EmbeddedHost.StartAsync(
            new EmbeddedHostOptions
            {
                PipelineFiles = [TrafficSample.PipelinePath],
                DataDirectory = _data,
                Engine = new EngineOptions { IdleModelBytes = 0 },
            },
            TestContext.Current.CancellationToken);
        var engine = host.Engine;
        var plan = engine.Plan!;
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 2).Select(i => Task.Run(() => LoadAsync(engine, (ulong)i, stop.Token))).ToList();
        var variants = 0;
        await SwapAsync();
        // 32 KB left behind per swap would show; the smallest model takes several times that.
        await MemoryLevel.AssertReachedAsync(_ => SwapAsync(), rounds: 6, allowed: SwapsPerRound * 32_768L);

        await stop.CancelAsync();
        var ended = (await Task.WhenAll(load)).SelectMany(r => r).ToList();
        Assert.All(ended, r => Assert.True(r.Outcome == QueryOutcome.Completed, $"{r.Outcome}: {r.Error}"));

        async Task SwapAsync()
        {
            for (var swaps = 0; swaps < SwapsPerRound; swaps += engine.Pipelines[0].Pipeline.Tasks.Length)
            {
                variants = (variants + 1) % 3;
                var loads = Loads(engine);
                await engine.ForcePlanAsync(Pinned(plan, engine, variants), TestContext.Current.CancellationToken);
                Assert.All(engine.Plan!.Slots, s => Assert.Equal(variants, s.Variant));
                // The fastest variants stay loaded as stand-bys, so that going back to them need not load anything.
                Assert.True(variants == 0 || Loads(engine) > loads, $"plan {swaps} replaced nothing");
            }
        }
    }

    public void Dispose() => Directory.Delete(_data, true);

    /// <summary>The plan with each task on one of its three smallest variants.</summary>
    private static Plan Pinned(Plan plan, ServingEngine engine, int variant)
    {
        var profile = engine.Profile;
        return plan with { Slots = [.. plan.Slots.Select(s => Move(s)).GroupBy(s => (s.Task, s.Variant)).Select(Merge)] };

        SlotGroup Move(SlotGroup slot)
        {
            var name = engine.Pipelines[0].Pipeline.Tasks[slot.Task].Variants[variant].Name;
            return slot with { Variant = variant, Batch = 1, LatencyUs = profile.Find(name, "cpu")!.LatencyUs(1) };
        }

        static SlotGroup Merge(IEnumerable<SlotGroup> groups) =>
            groups.Aggregate((a, b) => a with { Replicas = a.Replicas + b.Replicas, CapacityQps = a.CapacityQps + b.CapacityQps });
    }

    private static long Loads(ServingEngine engine) => engine.Metrics.Variants[0].Sum(t => t.Sum(v => v.Swaps));

    private static async Task<List<QueryResult>> LoadAsync(ServingEngine engine, ulong seed, CancellationToken stop)
    {
        var results = new List<QueryResult>();
        while (!stop.IsCancellationRequested)
        {
            var scene = SceneGenerator.Generate(seed++);
            results.Add(await engine.SubmitAsync(
                new QueryRequest { Pipeline = "traffic", Input = new ImageInput(scene.Image), IgnoreSlo = true }, CancellationToken.None).AsTask().WaitAsync(Lost, CancellationToken.None));
        }

        return results;
    }
}
