using System.Globalization;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Simulation;

/// <summary>Proteus and its baselines over Proteus' own trace (evaluation): who beats whom, strictly measured.</summary>
public sealed class ProteusTraceTests
{
    private const double MeanQps = 386.5;

    [Fact]
    public void Run_EverySystemOverTheTrace_WhoBeatsWhom()
    {
        var arrivals = Trace();
        var results = new[] { PlanningPolicies.ClipperHa, PlanningPolicies.ClipperHt, PlanningPolicies.Infaas, PlanningPolicies.Sommelier, PlanningPolicies.Proteus }
            .ToDictionary(name => name, name => Run(name, arrivals), StringComparer.Ordinal);

        var (accurate, fast, infaas, sommelier, proteus) = (
            results[PlanningPolicies.ClipperHa], results[PlanningPolicies.ClipperHt], results[PlanningPolicies.Infaas], results[PlanningPolicies.Sommelier], results[PlanningPolicies.Proteus]);

        // Accuracy: fixed best, Proteus, the two that scale it worse, fixed fastest.
        Assert.True(accurate.Total.EffectiveAccuracy > proteus.Total.EffectiveAccuracy);
        Assert.All([infaas, sommelier], r => Assert.InRange(r.Total.EffectiveAccuracy, fast.Total.EffectiveAccuracy + 0.1, proteus.Total.EffectiveAccuracy - 0.005));

        // Violations: at most half of those that scale accuracy, a tenth of the one that does not.
        Assert.All([infaas, sommelier], r => Assert.InRange(proteus.Total.Violation, 0, r.Total.Violation / 2));
        Assert.InRange(proteus.Total.Violation, 0, accurate.Total.Violation / 10);
        Assert.InRange(proteus.Total.Violation, 0, 0.02);

        // The fastest of everything carries all and pays for it.
        Assert.InRange(fast.Total.Violation, 0, 0.001);
    }

    private static SimulationResult Run(string name, IArrivals arrivals)
    {
        var clipper = name.StartsWith("clipper", StringComparison.Ordinal);
        var problem = ProteusInstance.Problem(MeanQps);
        return Simulator.Run(new SimulationProblem
        {
            Cluster = problem with { Options = problem.Options with { FillLeftover = true, RelativeGap = 5e-3, NodeLimit = 2000 } },
            Policy = PlanningPolicies.Create(name, new BranchAndBoundSolver()),
            Arrivals = arrivals,
            Options = new SimulationOptions
            {
                Batching = clipper ? BatchingRule.Aimd : BatchingRule.Deadline,
                Drop = clipper ? DropRule.TwiceObjective : DropRule.EveryTask,
                Admission = AdmissionRule.All,
                ControlPeriod = TimeSpan.FromSeconds(10),
                AlwaysApply = true,
                PlanOnBurst = false,
            },
        });
    }

    private static RecordedArrivals Trace()
    {
        var families = ProteusInstance.Problem(1).Pipelines.Select(p => p.Pipeline.Name).ToList();
        return new RecordedArrivals(
        [
            .. families.SelectMany((f, i) => ResearchData.ReadOrSkip($"proteus/trace_medium_normal_load_300/{f}.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(l => new Arrival(1000 * long.Parse(l.AsSpan(0, l.IndexOf(',', StringComparison.Ordinal)), CultureInfo.InvariantCulture), i))).OrderBy(a => a.AtUs),
        ]);
    }
}
