using ServerlessLoki.Simulation;

namespace ServerlessLoki.Differential.Tests;

/// <summary>One brain, two clocks: an engine and the simulator decide alike, query by query and item by item: which queries are taken in and why
/// others are not, where each item goes, which items run together and when, what is dropped, and how each query ends. The engine is the
/// embedded one, or ingress and workers that find a plan in a store and send each other messages.</summary>
/// <remarks>
/// <para>Compared are five kinds of pipelines and slots that hold several variants, twenty traces each, on slots that share threads, under a plan that stays; on some machines
/// batches take longer than profiled, and more children come than are believed. The embedded engine has standby variants. The distributed one
/// has one worker, or two with variants of each task on both: then items go from worker to worker, and joins back to the ingress.</para>
/// <para>Not compared, because the simulator has no such thing or another test does it: pictures that are decoded, the control loop
/// (<see cref="Control.Planner"/> is one object that both run), slots with a thread each, and how real threads race: batches
/// that end at one moment are seen together here, and a wait is exact where a thread's ends up to a millisecond early.</para>
/// <para>Not compared of the distributed engine: the time of a hop, which is zero here; which of two workers with the same variant gets a message,
/// which is a race; what a worker has at hand of a queue that is first in, first out, which is the transport's part (here a worker sees all, by
/// deadline); messages that come twice, dead workers, and routes while a plan changes, which the simulator has not.</para>
/// </remarks>
public sealed class DifferentialTests
{
    private const int Traces = 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Kind and number of a trace, and the host.</summary>
    public static TheoryData<string, int, string> Cases()
    {
        var cases = new TheoryData<string, int, string>();
        foreach (var kind in Scenes.Kinds)
        {
            for (var seed = 1; seed <= Traces; seed++)
            {
                foreach (var host in Hosts.Names)
                    cases.Add(kind, seed, host);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Trace_ThroughEngineAndSimulator_SameDecisions(string kind, int seed, string host)
    {
        var scene = Hosts.Scene(host, kind, seed);

        var engine = await Hosts.RunAsync(host, scene, Token);
        var simulator = SimulatorSide.Run(scene, Hosts.Simulated(host), Token);

        if (Journal.Difference(engine, simulator) is { } difference)
            Assert.Fail(difference);
        Assert.True(engine.Decisions >= scene.Arrivals.Length);
    }

    /// <summary>The traces would prove little if nothing but the plain course happened in them.</summary>
    [Theory]
    [MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Traces_OfAllKinds_ShowEachDecision(string host)
    {
        var seen = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (kind, seed) in Scenes.Kinds.SelectMany(k => Enumerable.Range(1, Traces).Select(s => (k, s))))
        {
            foreach (var (what, count) in SimulatorSide.Run(Hosts.Scene(host, kind, seed), Hosts.Simulated(host), Token).Counts())
                seen[what] = seen.GetValueOrDefault(what) + count;
        }

        TestContext.Current.SendDiagnosticMessage(string.Join(", ", seen.Select(s => $"{s.Value} {s.Key}")));
        foreach (var what in (string[])["admitted", "refused as late", "refused for others", "sent", "rerouted", "batches of one", "larger batches", "dropped", "answered", "expired"])
            Assert.True(seen.GetValueOrDefault(what) >= 20, $"Too few: {seen.GetValueOrDefault(what)} {what}.");
    }

    /// <summary>What the comparison is worth: one other rule on one side shows.</summary>
    [Theory]
    [InlineData("no margin, no drift", Hosts.Embedded)]
    [InlineData("no rescue", Hosts.Embedded)]
    [InlineData("no rerouting", Hosts.Embedded)]
    [InlineData("other standby", Hosts.Embedded)]
    [InlineData("other batches", Hosts.Embedded)]
    [InlineData("other seed", Hosts.Embedded)]
    [InlineData("no margin, no drift", Hosts.OneWorker)]
    [InlineData("no rescue", Hosts.OneWorker)]
    [InlineData("no rerouting", Hosts.OneWorker)]
    [InlineData("other standby", Hosts.OneWorker)]
    [InlineData("other batches", Hosts.OneWorker)]
    [InlineData("other seed", Hosts.OneWorker)]
    [InlineData("one process", Hosts.OneWorker)]
    [InlineData("a hop takes a millisecond", Hosts.TwoWorkers)]
    public async Task Traces_SimulatorWithAnotherRule_AreToldApart(string rule, string host)
    {
        Func<SimulationOptions, SimulationOptions> change = rule switch
        {
            "no margin, no drift" => o => o with { MeasuredAdmission = false },
            "no rescue" => o => o with { RescueStranded = false },
            "no rerouting" => o => o with { Reroute = false },
            "other standby" => o => o with { Standby = !o.Standby },
            "other batches" => o => o with { Batching = BatchingRule.FixedSize },
            "one process" => o => o with { SeparateProcesses = false },
            "a hop takes a millisecond" => o => o with { HopLatency = TimeSpan.FromMilliseconds(1) },
            _ => o => o with { Seed = Scenes.Seed + 1 },
        };
        var told = 0;
        for (var seed = 1; seed <= Traces; seed++)
        {
            var scene = Hosts.Scene(host, "fan-out tree", seed);
            var engine = await Hosts.RunAsync(host, scene, Token);
            told += Journal.Difference(engine, SimulatorSide.Run(scene, Hosts.Simulated(host), Token, change)) is null ? 0 : 1;
        }

        Assert.True(told > 0, $"The simulator with {rule} is not told apart by any trace.");
    }

    [Fact]
    public void Difference_OneDecisionMore_IsToldInWords()
    {
        var scene = Scenes.Of("single task", 1);
        var (engine, simulator) = (new Journal(scene), new Journal(scene));
        engine.Add(new SimulatedDecision(5, DecisionKind.Admitted, 0, 0, 0, 1, 1));
        simulator.Add(new SimulatedDecision(5, DecisionKind.Admitted, 0, 0, 0, 1, 1));
        engine.Add(new SimulatedDecision(7, DecisionKind.RefusedAsLate, 1, 0, 0, -1, 2));

        Assert.Equal(
            "Decision 2: the engine: at 7 µs refuses q1, which would be late; the simulator: nothing more. Before: at 5 µs admits q0 on a0m.",
            Journal.Difference(engine, simulator));
    }
}
