using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Embedded;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Models.Profiling;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Runs;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Solver;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Tests;

/// <summary>Bounds of options: the defaults are within them, and each value beyond an end is a fault of its own.</summary>
public sealed class OptionBoundsTests
{
    [Fact]
    public void Faults_Defaults_None()
    {
        Assert.Empty(new EngineOptions().Faults());
        Assert.Empty(new RunOptions().Faults());
        Assert.Empty(new InferLimits().Faults());
        Assert.Empty(new ModelOptions().Faults());
        Assert.Empty(new ProfileOptions().Faults());
        Assert.Empty(ProfileOptions.Quick.Faults());
        Assert.Empty(Host().Faults());
    }

    [Fact]
    public void EngineOptions_BeyondEitherEnd_EachIsAFault()
    {
        AssertFaults(
            new EngineOptions
            {
                Policy = "unifed", Forecaster = "onnx:nowhere.onnx", Parallelism = 0, Utilization = 0, ControlPeriod = TimeSpan.FromMilliseconds(99), MaxPending = 0, MaxBatch = 0,
                IdleModelBytes = -1, Provider = (ExecutionProvider)99,
            }.Faults("Engine"),
            "Engine.Policy", "Engine.Forecaster", "Engine.Parallelism", "Engine.Utilization", "Engine.ControlPeriod", "Engine.MaxPending", "Engine.MaxBatch", "Engine.IdleModelBytes", "Engine.Provider");
        AssertFaults(
            new EngineOptions { Parallelism = 4097, Utilization = 1.01, ControlPeriod = TimeSpan.FromDays(2), MaxPending = 1_000_001, MaxBatch = 4097 }.Faults(),
            "Parallelism", "Utilization", "ControlPeriod", "MaxPending", "MaxBatch");
        AssertFaults(new EngineOptions { Utilization = double.NaN }.Faults(), "Utilization");
    }

    [Fact]
    public void Fault_SaysWhereFoundAndAllowed()
    {
        var faults = new EngineOptions { Policy = "unifed", Utilization = 1.5 }.Faults("Engine");

        Assert.StartsWith("Engine.Policy: out of bounds; found \"unifed\"; allowed: ", faults[0].ToString(), StringComparison.Ordinal);
        Assert.EndsWith("(did you mean \"unified\"?)", faults[0].ToString(), StringComparison.Ordinal);
        Assert.Equal("Engine.Utilization: out of bounds; found 1.5; allowed: above 0 up to 1", faults[1].ToString());
    }

    [Fact]
    public void RunOptions_BeyondEitherEnd_EachIsAFault()
    {
        AssertFaults(
            new RunOptions { Concurrency = 0, MaxAttempts = 0, FirstBackOff = TimeSpan.FromTicks(-1), MaxBackOff = TimeSpan.Zero, MaxBacklog = 0, Keep = TimeSpan.Zero }.Faults(),
            "Concurrency", "MaxAttempts", "FirstBackOff", "MaxBackOff", "MaxBacklog", "Keep");
        AssertFaults(new RunOptions { Concurrency = 4097, FirstBackOff = TimeSpan.FromSeconds(11) }.Faults(), "Concurrency", "MaxBackOff");
    }

    [Fact]
    public void InferLimits_BeyondEitherEnd_EachIsAFault()
    {
        AssertFaults(
            new InferLimits
            {
                MaxBodyBytes = 0, MaxBytesInHand = 0, MinUploadRate = -1, UploadGrace = TimeSpan.FromSeconds(1), MaxTensorBytes = 0, MaxRank = 0, MaxTensors = 0, MaxNameLength = 0, MaxPixels = 0,
                MaxDeadline = TimeSpan.Zero, MostWait = TimeSpan.Zero,
            }.Faults("Limits"),
            "Limits.MaxBodyBytes", "Limits.MaxBytesInHand", "Limits.MinUploadRate", "Limits.UploadGrace", "Limits.MaxTensorBytes", "Limits.MaxRank", "Limits.MaxTensors", "Limits.MaxNameLength",
            "Limits.MaxPixels", "Limits.MaxDeadline", "Limits.MostWait");
        AssertFaults(
            new InferLimits
            {
                MaxBodyBytes = int.MaxValue, UploadGrace = TimeSpan.FromDays(2), MaxTensorBytes = int.MaxValue, MaxRank = 65, MaxTensors = 65_537, MaxNameLength = 65_537, MaxPixels = int.MaxValue,
                MaxDeadline = TimeSpan.FromHours(25),
            }.Faults(),
            "MaxBodyBytes", "UploadGrace", "MaxTensorBytes", "MaxRank", "MaxTensors", "MaxNameLength", "MaxPixels", "MaxDeadline");
    }

    [Fact]
    public void ModelAndProfileOptions_BeyondTheirEnds_EachIsAFault()
    {
        AssertFaults(
            new ModelOptions { Threads = 0, Provider = (ExecutionProvider)99, DeviceId = -1, GpuMemoryBytes = 0, MaxBatch = 0 }.Faults(),
            "Threads", "Provider", "DeviceId", "GpuMemoryBytes", "MaxBatch");
        AssertFaults(
            new ProfileOptions { PerPoint = TimeSpan.FromTicks(-1), Total = TimeSpan.FromTicks(-1), MinSamples = 0, MaxSamples = -1, WarmUps = -1, Typical = 1 }.Faults(),
            "PerPoint", "Total", "MinSamples", "MaxSamples", "WarmUps", "Typical");
    }

    [Fact]
    public async Task EmbeddedHost_FaultsInAllItsOptions_AreOneError()
    {
        var options = Host() with
        {
            PipelineFiles = [], DataDirectory = "", Slots = 0, SlotMemoryMiB = 0, Port = 65_536, Http2Port = -1, ProbePort = 65_536, MaxConnections = 0, MaxAnswerStall = TimeSpan.Zero, Policy = "none",
            Engine = new EngineOptions { MaxBatch = 0 }, Runs = new RunOptions { Concurrency = 0 }, Limits = new InferLimits { MaxRank = 0 },
        };

        var refused = await Assert.ThrowsAsync<OptionsException>(() => EmbeddedHost.StartAsync(options, TestContext.Current.CancellationToken));

        AssertFaults(
            refused.Faults, "PipelineFiles", "DataDirectory", "Slots", "SlotMemoryMiB", "Policy", "Engine.MaxBatch", "Runs.Concurrency", "Limits.MaxRank", "Port", "Http2Port", "ProbePort", "MaxConnections",
            "MaxAnswerStall");
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(0.001, true)]
    [InlineData(1e9, true)]
    [InlineData(1.1e9, false)]
    [InlineData(double.NaN, false)]
    public void EmbeddedHost_SlotMemory_HasBounds(double? memoryMiB, bool isAllowed) =>
        Assert.Equal(isAllowed, !(Host() with { SlotMemoryMiB = memoryMiB }).Faults().Any(f => f.Path == "SlotMemoryMiB"));

    [Fact]
    public void Engine_FaultsInOptionsAndPipelines_AreOneError()
    {
        var pipeline = new PipelineSource(TestPipelines.Plain, ".");

        var refused = Assert.Throws<HostSetupException>(() => new ServingEngine(
            new EngineOptions { MaxPending = 0 }, [pipeline, pipeline], new LatencyProfile([new ProfileRow("scale-n", "cpu", 1, 1, 1, 1, 1)]), new FakeFleet(4), new InProcessStageQueues(),
            new MemoryState(), TransformRegistry.Default, TimeProvider.System, NullLoggerFactory.Instance));

        Assert.Equal("MaxPending", refused.Faults[0].Path);
        Assert.Contains(refused.Faults, f => f.Message == "the name belongs to a pipeline already");
    }

    private static EmbeddedHostOptions Host() => new() { PipelineFiles = ["pipeline.json"], DataDirectory = "data" };

    private static void AssertFaults(IReadOnlyList<Fault> faults, params string[] paths) => Assert.Equal(paths, faults.Select(f => f.Path));
}
