using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Simulation;

/// <summary>Courses worked out by hand where ingress and workers are processes of their own.</summary>
public sealed class SimulatorProcessesTests
{
    private static readonly SimulationOptions Separate = new() { SeparateProcesses = true };

    [Fact]
    public void Run_QueriesWithoutAnswer_CountInFullUntilTheRootAnswers()
    {
        // 2 ms at the root and 10 ms below on two devices: each query without answer is 6 ms of work. Four leave 36 − 1.1 × 24 ms, less than one needs.
        Assert.Equal([true, true, true, true, false], Admitted(Separate, 0, 0, 0, 0, 0));
        // The first root has answered, and three are left, whatever waits below.
        Assert.Equal([true, true, true, true, true, false], Admitted(Separate, 0, 0, 0, 0, 2_001, 2_001));
        // One process sees that the three at the root are done in 6 ms.
        Assert.Equal([true, true, true, true, true], Admitted(new SimulationOptions(), 0, 0, 0, 0, 0));
    }

    /// <summary>One root at a time: the second query's slow row waits from 2 to 21 ms, and then would end at 41. Its second quick row could begin at 22.</summary>
    [Fact]
    public void Run_QueryThatEndedAtAnotherTask_ItsRowsRunOn()
    {
        Assert.Equal((1, 3), Quick(new SimulationOptions()));
        Assert.Equal((1, 4), Quick(Separate));
    }

    private static bool[] Admitted(SimulationOptions options, params long[] atUs)
    {
        var problem = SimCases.Cluster([SimCases.Chain("a", 36, 2)], new DeviceType("d", 2), SimCases.Row("a00", 1, 2), SimCases.Row("a10", 1, 10));
        var (_, queries) = SimCases.Trace(problem, SimCases.Plan(problem, (0, 0, 0, 1, 1, 0), (0, 1, 0, 1, 1, 0)), options, atUs);
        return [.. queries.Select(q => q.Outcome != SimulatedOutcome.Rejected)];
    }

    private static (long OnTime, long Rows) Quick(SimulationOptions options)
    {
        var pipeline = TestPipelines.Read("""
            { "name": "p", "sloMs": 30, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
              "tasks": [ {"name": "r", "variants": [ {"name": "root", "model": "m", "accuracy": 1} ]}, {"name": "s", "variants": [ {"name": "slow", "model": "m", "accuracy": 1} ]},
                         {"name": "q", "variants": [ {"name": "quick", "model": "m", "accuracy": 1} ]} ],
              "edges": [ {"from": "r", "to": "s"}, {"from": "r", "to": "q"} ] }
            """);
        var problem = SimCases.Cluster([pipeline], new DeviceType("d", 3), SimCases.Row("root", 1, 1), SimCases.Row("slow", 1, 20), SimCases.Row("quick", 1, 7));
        var (result, _) = SimCases.Trace(new SimulationProblem
        {
            Cluster = problem, Plan = SimCases.Plan(problem, (0, 0, 0, 1, 1, 0), (0, 1, 0, 1, 1, 0), (0, 2, 0, 1, 1, 0)), TrueFanOut = [new FanOut([[1], [2]])],
            Arrivals = Arrivals.Recorded([0, 0]), Options = options with { Admission = AdmissionRule.All },
        });
        return (result.Total.OnTime, result.Stages.Single(s => s.Task == 2).Rows);
    }
}
