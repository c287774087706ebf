using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Embedded;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Distributed.Ingress;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Distributed.Worker;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Integration.Tests;

/// <summary>The sample pipeline's real models behind an ingress and two workers: the answers are the one process'.</summary>
public sealed class DistributedTrafficTests(TrafficHost traffic) : IClassFixture<TrafficHost>
{
    private const int Scenes = 12;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Submit_ThroughTwoWorkers_EqualsTheEmbeddedEngineBitForBit()
    {
        var engine = traffic.Host.Engine;
        await engine.ForcePlanAsync(PinnedPlan.On(engine, variant: 1, replicas: 2), Token);
        var directory = Directory.CreateTempSubdirectory("loki-remote").FullName;
        try
        {
            using var database = SqliteDatabase.Open(directory);
            var state = new SqliteStateStore(database);
            var (broker, payloads) = (new MemoryBroker(), new MemoryPayloads());
            var document = PlanDocument.Of(engine.Plan!, engine.Problem!, true, DateTimeOffset.UtcNow);
            Assert.NotNull(await state.ReplaceDocumentAsync(PlanDocument.Name, document.ToJson(), null, Token));
            await using var first = Worker(engine, broker, payloads, state, "w0");
            await using var second = Worker(engine, broker, payloads, state, "w1");
            var client = broker.Connect();
            await using var ingress = new IngressEngine(
                new EngineOptions { ControlPeriod = TimeSpan.FromMilliseconds(100) }, "i0", engine.Pipelines, engine.Profile, client.Queues, client, state, payloads,
                TransformRegistry.Default, TimeProvider.System, NullLoggerFactory.Instance);
            await first.StartAsync(Token);
            await second.StartAsync(Token);
            await ingress.StartAsync(Token);
            for (var waited = 0; !ingress.IsReady; waited++)
            {
                Assert.True(waited < 1500, "The workers did not get ready.");
                await Task.Delay(20, Token);
            }

            var seen = 0;
            for (var seed = TrafficSample.HeldOutSeed; seed < TrafficSample.HeldOutSeed + Scenes; seed++)
            {
                var (here, there) = (await AskAsync(engine, seed), await AskAsync(ingress, seed));
                Assert.Equal((QueryOutcome.Completed, QueryOutcome.Completed), (here.Outcome, there.Outcome));
                Assert.Equal(Text(here), Text(there));
                // A mean over leaves, in the order in which they ended.
                Assert.Equal(here.Accuracy, there.Accuracy, 1e-12);
                seen += here.Answers.Count;
            }

            Assert.True(seen > 2 * Scenes, $"{seen} answers in {Scenes} scenes");
            await InferEachVariantAsync(engine, ingress);
        }
        finally
        {
            await engine.ForcePlanAsync(null, Token);
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>One row at a time: how rows share batches is a matter of timing, and batches of another size may differ in the last bit.</summary>
    private static async Task InferEachVariantAsync(ServingEngine engine, IngressEngine ingress)
    {
        foreach (var task in engine.Pipelines[0].Pipeline.Tasks)
        {
            var variant = task.Variants[1].Name;
            var input = Assert.Single(engine.Describe(variant)!.Inputs);
            var elements = (int)input.Shape.Skip(1).Aggregate(1L, (product, d) => product * d);
            for (var seed = 0; seed < 3; seed++)
            {
                var random = new Random(seed);
                var row = MemoryMarshal.AsBytes(Enumerable.Range(0, elements).Select(_ => random.NextSingle()).ToArray().AsSpan()).ToArray();
                var request = new VariantRequest { Variant = variant, Rows = 1, Inputs = [row] };
                using var here = await engine.InferAsync(request, Token);
                using var there = await ingress.InferAsync(request, Token);
                Assert.Equal((QueryOutcome.Completed, QueryOutcome.Completed), (here.Outcome, there.Outcome));
                Assert.NotEmpty(here.Outputs);
                Assert.Equal(here.Outputs.Select(o => o.ToArray()), there.Outputs.Select(o => o.ToArray()));
            }
        }

        using var unserved = await ingress.InferAsync(
            new VariantRequest { Variant = engine.Pipelines[0].Pipeline.Root.Variants[0].Name, Rows = 1, Inputs = [new byte[4]] }, Token);
        Assert.Equal(QueryOutcome.Unavailable, unserved.Outcome);
        Assert.Contains(engine.Pipelines[0].Pipeline.Root.Variants[1].Name, unserved.Error, StringComparison.Ordinal);
    }

    private static WorkerEngine Worker(ServingEngine engine, MemoryBroker broker, MemoryPayloads payloads, SqliteStateStore state, string id)
    {
        var client = broker.Connect();
        return new WorkerEngine(
            new WorkerOptions { Id = id, Device = "cpu", Slots = 3, Parallelism = 1, Period = TimeSpan.FromMilliseconds(100) },
            engine.Pipelines, engine.Profile, client.Queues, client, state, payloads, TransformRegistry.Default, TimeProvider.System, NullLoggerFactory.Instance);
    }

    private static ValueTask<QueryResult> AskAsync(IServingEngine engine, ulong seed) => engine.SubmitAsync(
        new QueryRequest { Pipeline = "traffic", Input = new ImageInput(SceneGenerator.Generate(seed).Image), IgnoreSlo = true }, Token);

    private static string Text(QueryResult result) => string.Join('\n', result.Answers.Select(a =>
        $"{a.Task}/{a.Variant} of {a.Parent}[{a.ParentRow}]: {string.Join(' ', a.Rows.Select(r => $"{r.Label} {r.Score:R} {r.X1:R} {r.Y1:R} {r.X2:R} {r.Y2:R}"))}"));
}
