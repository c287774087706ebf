using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Embedded;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests;

public class ServingEngineTests
{
    [Fact]
    public void Build_VariantProfiledOnTwoDevicesOfTheFleet_IsRefusedByName()
    {
        var profile = new LatencyProfile(
            new[] { "scale-n" }.SelectMany(v => new[] { "cpu", "gpu", "elsewhere" }.Select(d => new ProfileRow(v, d, 1, 1, 1, 1, 1))));
        var error = Assert.Throws<HostSetupException>(() => new ServingEngine(
            new EngineOptions(), [new PipelineSource(TestPipelines.Plain, ".")], profile, new TwoDevices(), new InProcessStageQueues(),
            new MemoryState(), TransformRegistry.Default, TimeProvider.System, NullLoggerFactory.Instance));
        Assert.Contains("profile scale-n: the variant is profiled on several device types of the host; found cpu, gpu", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_NoVariantOfATaskProfiledHere_IsRefusedByName()
    {
        var error = Assert.Throws<HostSetupException>(() => new ServingEngine(
            new EngineOptions(), [new PipelineSource(TestPipelines.Plain, ".")], new LatencyProfile([new ProfileRow("scale-n", "tpu", 1, 1, 1, 1, 1)]),
            new TwoDevices(), new InProcessStageQueues(), new MemoryState(), TransformRegistry.Default, TimeProvider.System, NullLoggerFactory.Instance));
        Assert.Contains(
            "profile plain scale: no variant of the task is profiled on a device of the host; found device tpu; allowed: rows of scale-n on cpu or gpu",
            error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describe_ModelsThatWereLookedAt_OpensNoFile()
    {
        var known = new ModelDescription("scale-n", "plain", "scale", [], []);
        await using var engine = Engine(new PipelineSource(TestPipelines.Plain, "nowhere") { Models = ImmutableDictionary<string, ModelDescription>.Empty.Add("scale-n", known) });
        Assert.Same(known, engine.Describe("scale-n"));
        Assert.Null(engine.Describe("other"));
    }

    [Fact(Timeout = 60_000)]
    public async Task Expiry_OneLookFails_DeadlinesAreKeptAndTheEngineStillEndsWhole()
    {
        using var ending = new ManualResetEventSlim();
        var models = new FakeModels { OnRun = (_, _) => ending.Wait(TimeSpan.FromSeconds(30)) };
        var time = new FaultyOnceTime();
        var test = await TestEngine.StartAsync(models: models, options: o => o with { IdleModelBytes = 0 }, time: time);
        await TestEngine.UntilAsync(() => time.HasThrown);
        Assert.Equal(QueryOutcome.Expired, (await test.SubmitAsync(latency: TimeSpan.FromMilliseconds(80))).Outcome);
        Assert.False(ending.IsSet);
        ending.Set();
        await test.DisposeAsync();
        Assert.Equal(0, models.OpenModels);
    }

    private static ServingEngine Engine(params PipelineSource[] sources) => new(
        new EngineOptions(), sources, new LatencyProfile([.. sources.SelectMany(s => s.Pipeline.Tasks).SelectMany(t => t.Variants).Select(v => new ProfileRow(v.Name, "cpu", 1, 1, 1, 1, 1)).DistinctBy(r => r.Variant)]), new TwoDevices(), new InProcessStageQueues(),
        new MemoryState(), TransformRegistry.Default, TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>Throws at the first look for expired queries.</summary>
    private sealed class FaultyOnceTime : TimeProvider
    {
        private int _thrown;

        public bool HasThrown => Volatile.Read(ref _thrown) != 0;

        public override long GetTimestamp()
        {
            if (!HasThrown && Environment.StackTrace.Contains("ExpireDue", StringComparison.Ordinal) && Interlocked.Exchange(ref _thrown, 1) == 0)
                throw new InvalidOperationException("no time");
            return base.GetTimestamp();
        }
    }

    private sealed class TwoDevices : IFleet
    {
        public ImmutableArray<DeviceType> Devices { get; } = [new DeviceType("cpu", 1), new DeviceType("gpu", 1)];

        public ValueTask<bool> ScaleAsync(string device, int slots, CancellationToken cancellationToken) => new(false);
    }
}
