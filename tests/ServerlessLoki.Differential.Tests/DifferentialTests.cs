using ServerlessLoki.Simulation;

namespace ServerlessLoki.Differential.Tests;

/// <summary>One brain, two clocks: the embedded engine and the simulator decide alike, query by query and item by item: which queries are
/// taken in and why others are not, where each item goes, which items run together and when, what is dropped, and how each query ends.</summary>
/// <remarks>
/// <para>Compared are five kinds of pipelines, twenty traces each, on slots that share threads, under a plan that stays, with standby variants; on
/// some machines batches take longer than profiled, and more children come than are believed.</para>
/// <para>Not compared, because the simulator has no such thing or another test does it: pictures that are decoded (the inputs are tensors), the
/// control loop (<see cref="Control.Planner"/> is one object that both run), slots with a thread each, and how real threads race: batches
/// that end at one moment are seen together here, and a wait is exact where a thread's ends up to a millisecond early.</para>
/// </remarks>
public sealed class DifferentialTests
{
    private const int Traces = 20;

    public static TheoryData<string, int> Cases()
    {
        var cases = new TheoryData<string, int>();
        foreach (var kind in Scenes.Kinds)
        {
            for (var seed = 1; seed <= Traces; seed++)
                cases.Add(kind, seed);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Trace_ThroughEngineAndSimulator_SameDecisions(string kind, int seed)
    {
        var scene = Scenes.Of(kind, seed);

        var engine = await EngineSide.RunAsync(scene, TestContext.Current.CancellationToken);
        var simulator = SimulatorSide.Run(scene, TestContext.Current.CancellationToken);

        if (Journal.Difference(engine, simulator) is { } difference)
            Assert.Fail(difference);
        Assert.True(engine.Decisions >= scene.Arrivals.Length);
    }

    /// <summary>The traces would prove little if nothing but the plain course happened in them.</summary>
    [Fact]
    public void Traces_OfAllKinds_ShowEachDecision()
    {
        var seen = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (kind, seed) in Scenes.Kinds.SelectMany(k => Enumerable.Range(1, Traces).Select(s => (k, s))))
        {
            foreach (var (what, count) in SimulatorSide.Run(Scenes.Of(kind, seed), TestContext.Current.CancellationToken).Counts())
                seen[what] = seen.GetValueOrDefault(what) + count;
        }

        TestContext.Current.SendDiagnosticMessage(string.Join(", ", seen.Select(s => $"{s.Value} {s.Key}")));
        foreach (var what in (string[])["admitted", "refused as late", "refused for others", "sent", "rerouted", "batches of one", "larger batches", "dropped", "answered", "expired"])
            Assert.True(seen.GetValueOrDefault(what) >= 20, $"Too few: {seen.GetValueOrDefault(what)} {what}.");
    }

    /// <summary>What the comparison is worth: one other rule on one side shows.</summary>
    [Theory]
    [InlineData("no margin, no drift")]
    [InlineData("no rescue")]
    [InlineData("no rerouting")]
    [InlineData("no standby")]
    [InlineData("other batches")]
    [InlineData("other seed")]
    public async Task Traces_SimulatorWithAnotherRule_AreToldApart(string rule)
    {
        Func<SimulationOptions, SimulationOptions> change = rule switch
        {
            "no margin, no drift" => o => o with { MeasuredAdmission = false },
            "no rescue" => o => o with { RescueStranded = false },
            "no rerouting" => o => o with { Reroute = false },
            "no standby" => o => o with { Standby = false },
            "other batches" => o => o with { Batching = BatchingRule.FixedSize },
            _ => o => o with { Seed = Scene.Seed + 1 },
        };
        var told = 0;
        for (var seed = 1; seed <= Traces; seed++)
        {
            var scene = Scenes.Of("fan-out tree", seed);
            var engine = await EngineSide.RunAsync(scene, TestContext.Current.CancellationToken);
            told += Journal.Difference(engine, SimulatorSide.Run(scene, TestContext.Current.CancellationToken, change)) is null ? 0 : 1;
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
