using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>A first profile that was measured on a busy machine.</summary>
public sealed class ProfileKeeperTests : IDisposable
{
    private readonly TempDirectory _models = new();
    private readonly TempDirectory _data = new();
    private readonly SqliteDatabase _database;
    private readonly List<(LatencyProfile Profile, bool IsProven)> _stored = [];

    public ProfileKeeperTests() => _database = SqliteDatabase.Open(_data.Path);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _database.Dispose();
        _data.Dispose();
        _models.Dispose();
    }

    [Fact]
    public async Task Look_Idle_MeasuresAgainUntilTwoAgreeAndKeepsTheFaster()
    {
        // The order of the variants was turned round: the smaller one met the disturbance.
        await using var engine = await StartAsync(fastMs: 8, goodMs: 1.4);
        var again = new Queue<LatencyProfile>([Profile(0.4, 1.5), Profile(0.45, 1.4)]);
        var keeper = Keeper(engine, _ => again.Dequeue());

        await keeper.LookAsync(Token);
        Assert.Equal(2, again.Count);

        await keeper.LookAsync(Token);
        Assert.Equal((0.4, 1.4, false), (Ms(engine, "fast"), Ms(engine, "good"), keeper.IsProven));

        await keeper.LookAsync(Token);
        Assert.Equal((0.4, 1.4, true), (Ms(engine, "fast"), Ms(engine, "good"), keeper.IsProven));
        Assert.Equal([false, true], _stored.Select(s => s.IsProven));
        Assert.Same(engine.Profile, _stored[^1].Profile);

        await keeper.LookAsync(Token);
        Assert.Empty(again);
    }

    [Fact]
    public async Task Look_BatchesFasterThanTheProfile_ItFollowsThem()
    {
        await using var engine = await StartAsync(fastMs: 30_000, goodMs: 30_000);
        var keeper = Keeper(engine, measure: null);
        var before = Ms(engine, "fast");
        for (var i = 0; i < 20; i++)
        {
            using var result = await engine.InferAsync(new VariantRequest { Variant = "fast", Rows = 1, Inputs = [new byte[3 * 16 * 16 * sizeof(float)]] }, Token);
            Assert.Equal(QueryOutcome.Completed, result.Outcome);
        }

        await keeper.LookAsync(Token);

        Assert.Equal((before / 2, 30_000), (Ms(engine, "fast"), Ms(engine, "good")));
    }

    [Fact]
    public async Task Submit_MeasuredOnce_NothingIsCalledImpossibleForGood()
    {
        await using var engine = await StartAsync(fastMs: 8, goodMs: 20);
        async Task<QueryOutcome> Ask() => (await engine.SubmitAsync(
            new QueryRequest { Pipeline = "tiny", Input = new NoInput(), Latency = TimeSpan.FromMilliseconds(2) }, Token)).Outcome;

        engine.UseProfile(engine.Profile, isProven: false);
        Assert.Equal(QueryOutcome.Unavailable, await Ask());

        engine.UseProfile(engine.Profile);
        Assert.Equal(QueryOutcome.Invalid, await Ask());

        engine.UseProfile(Profile(0.4, 1.5));
        Assert.NotEqual(QueryOutcome.Invalid, await Ask());
    }

    [Fact]
    public async Task Find_FirstProfile_IsNotProvenBeforeItIsStoredSo()
    {
        var state = new SqliteStateStore(_database);
        var options = new EmbeddedHostOptions { PipelineFiles = [TinyPipeline.Write(_models.Path)], DataDirectory = _data.Path };
        var pipelines = await PipelineFiles.ReadAsync(options.PipelineFiles, TransformRegistry.Default, new ModelOptions { MaxBatch = 2 }, Token);
        async Task<(HostProfile Host, LatencyProfile Profile)> Find()
        {
            var host = new HostProfile(state, options.ProfileFile, options.LoggerFactory, options.Time);
            return (host, await host.FindAsync(pipelines, new EngineOptions { MaxBatch = 2 }, Token));
        }

        var first = await Find();
        Assert.Equal((false, true), (first.Host.IsProven, first.Host.IsMeasured));
        var second = await Find();
        Assert.Equal((false, first.Profile.Rows.Length), (second.Host.IsProven, second.Profile.Rows.Length));

        await second.Host.StoreAsync(Profile(0.4, 1.5), isProven: true, Token);
        var third = await Find();
        Assert.Equal((true, 1500), (third.Host.IsProven, third.Profile.Find("good", "cpu")!.LatencyUs(1)));
    }

    private ProfileKeeper Keeper(ServingEngine engine, Func<CancellationToken, LatencyProfile>? measure) => new(
        engine, "cpu", measure, isProven: false,
        (profile, isProven, _) =>
        {
            _stored.Add((profile, isProven));
            return Task.CompletedTask;
        },
        TimeProvider.System);

    private static double Ms(ServingEngine engine, string variant) => engine.Profile.Find(variant, "cpu")!.LatencyUs(1) / 1000;

    private static LatencyProfile Profile(double fastMs, double goodMs) => new(
        new[] { ("fast", fastMs), ("good", goodMs) }.Select(v => new ProfileRow(v.Item1, "cpu", 1, v.Item2, v.Item2, v.Item2, v.Item2)));

    private async Task<ServingEngine> StartAsync(double fastMs, double goodMs)
    {
        var pipelines = await PipelineFiles.ReadAsync([TinyPipeline.Write(_models.Path)], TransformRegistry.Default, new ModelOptions(), Token);
        var engine = new ServingEngine(
            new EngineOptions { Parallelism = 1 }, pipelines, Profile(fastMs, goodMs), FixedFleet.Cpu(2, 1), new InProcessStageQueues(), new SqliteStateStore(_database),
            TransformRegistry.Default, TimeProvider.System, NullLoggerFactory.Instance);
        await engine.StartAsync(Token);
        return engine;
    }

    private sealed class NoInput : QueryInput;
}
