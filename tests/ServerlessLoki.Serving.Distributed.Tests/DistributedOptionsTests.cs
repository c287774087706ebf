using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Distributed.Planner;
using ServerlessLoki.Serving.Distributed.Worker;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Solver;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Distributed.Tests;

/// <summary>Bounds of the options of worker and planner.</summary>
public sealed class DistributedOptionsTests
{
    [Fact]
    public void Faults_Defaults_None()
    {
        Assert.Empty(new WorkerOptions { Device = "cpu" }.Faults());
        Assert.Empty(new PlannerOptions().Faults());
    }

    [Fact]
    public void WorkerOptions_BeyondEitherEnd_EachIsAFault()
    {
        AssertFaults(
            new WorkerOptions
            {
                Id = "", Device = " ", Slots = 0, SlotShare = 0, Parallelism = 0, MaxBatch = 0, IdleModelBytes = -1, InputCacheBytes = -1, Provider = (ExecutionProvider)99, GpuMemoryBytes = 0,
                Period = TimeSpan.Zero, Lease = TimeSpan.FromTicks(-1), Linger = TimeSpan.FromTicks(-1),
            }.Faults(),
            "Id", "Device", "Slots", "SlotShare", "Parallelism", "MaxBatch", "IdleModelBytes", "InputCacheBytes", "Provider", "GpuMemoryBytes", "Period", "Lease", "Linger");
        AssertFaults(
            new WorkerOptions { Device = "cpu", Slots = 4097, SlotShare = 1.1, Parallelism = 4097, MaxBatch = 4097, Period = TimeSpan.FromHours(2), Lease = TimeSpan.FromHours(5) }.Faults(),
            "Slots", "SlotShare", "Parallelism", "MaxBatch", "Period", "Lease");
    }

    [Fact]
    public void PlannerOptions_BeyondEitherEnd_EachIsAFault()
    {
        AssertFaults(
            new PlannerOptions
            {
                Id = "", Policy = "none", Forecaster = "onnx:lstm.onnx", Utilization = 0, MaxBatch = 0, TimeLimit = TimeSpan.Zero, RelativeGap = -1, History = TimeSpan.Zero,
                RetireAfter = TimeSpan.FromTicks(-1), LeastSlots = -1,
            }.Faults(),
            "Id", "Policy", "Forecaster", "Utilization", "MaxBatch", "TimeLimit", "RelativeGap", "History", "RetireAfter", "LeastSlots");
        AssertFaults(
            new PlannerOptions { Utilization = 2, MaxBatch = 4097, RelativeGap = 1.1, History = TimeSpan.FromHours(2) }.Faults(), "Utilization", "MaxBatch", "RelativeGap", "History");
    }

    [Fact]
    public void Planner_OptionsOutOfBounds_AreOneError() => AssertFaults(
        Assert.Throws<OptionsException>(() => new PlannerCycle(
            new PlannerOptions { MaxBatch = 0, LeastSlots = -1 }, [TestPipelines.Plain], new LatencyProfile([]), new FakeFleet(4), new MemoryState(), new BranchAndBoundSolver(), null,
            TimeProvider.System, NullLoggerFactory.Instance)).Faults,
        "MaxBatch", "LeastSlots");

    private static void AssertFaults(IReadOnlyList<Fault> faults, params string[] paths) => Assert.Equal(paths, faults.Select(f => f.Path));
}
