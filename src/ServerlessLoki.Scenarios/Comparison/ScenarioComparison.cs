using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using ServerlessLoki.Planning;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Comparison of policies on the same traffic.</summary>
public static class ScenarioComparison
{
    /// <summary>Simulates every policy under every seed. The same arguments give the same figures (but for plan times), whatever the
    /// number of threads. A policy that cannot plan such a problem at all is listed with its reason.</summary>
    /// <param name="scenario">Cluster and traffic.</param>
    /// <param name="policies">Labels of the scenario or names of policies; none twice.</param>
    /// <param name="options">Traffic, seeds and threads; null = those of the scenario.</param>
    /// <param name="progress">Receives the progress at each hundredth of a run, from any thread; null = none.</param>
    /// <param name="cancellationToken">Stops early with an exception.</param>
    /// <exception cref="ArgumentException">A name is not known or given twice, or the scenario cannot be simulated.</exception>
    public static ComparisonResult Run(
        Scenario scenario, IReadOnlyList<string> policies, ComparisonOptions? options = null, IProgress<ComparisonProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(policies);
        options ??= new ComparisonOptions();
        ImmutableArray<PolicySetup> setups = [.. policies.Select(scenario.Setup)];
        if (setups.GroupBy(s => s.Label, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"Policy \"{twice.Key}\" is named twice.", nameof(policies));
        var trace = scenario.Trace(options.Trace);
        var seeds = options.Seeds.IsDefaultOrEmpty ? scenario.Seeds : options.Seeds;
        var outcomes = new Outcome[setups.Length * seeds.Length];
        var meter = new ProgressMeter(outcomes.Length, progress);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads ?? Environment.ProcessorCount, CancellationToken = cancellationToken };
        ComparisonBound? bound = null;
        try
        {
            Parallel.For(0, outcomes.Length, parallel, i =>
            {
                var (setup, seed) = (setups[i / seeds.Length], seeds[i % seeds.Length]);
                var arrivals = new WatchedArrivals(trace.Arrivals, share => meter.Advance(i, share, setup.Label));
                outcomes[i] = One(scenario, setup, arrivals, seed, options, cancellationToken);
                meter.End(i, setup.Label);
            });
            bound = !options.Bound ? null : BoundCourse.Of(scenario, trace.Arrivals, seeds, options.Solver?.Invoke() ?? new BranchAndBoundSolver(), parallel);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        return new ComparisonResult
        {
            Scenario = scenario.Name,
            Trace = trace.Name,
            Pipelines = [.. scenario.Problem.Pipelines.Select(p => p.Pipeline.Name)],
            Seeds = seeds,
            WarmUp = scenario.Simulation.WarmUp,
            Slots = scenario.Problem.Devices.Sum(d => d.Slots),
            Bound = bound,
            Policies = [.. setups.Select((s, i) => Summarise(scenario, s, outcomes.AsSpan(i * seeds.Length, seeds.Length)))],
        };
    }

    private static Outcome One(
        Scenario scenario, PolicySetup setup, IArrivals arrivals, ulong seed, ComparisonOptions options, CancellationToken cancellationToken)
    {
        var policy = setup.Create(options.Solver?.Invoke() ?? new BranchAndBoundSolver(), null);
        var timed = options.Clock is { } clock ? new TimedPolicy(policy, clock) : null;
        try
        {
            var result = Simulator.Run(Problem(scenario, setup, timed ?? policy, arrivals, seed), cancellationToken);
            return new Outcome(new PolicyRun(seed, result, scenario.Simulation.WarmUp, timed?.TimesMs ?? []), null);
        }
        catch (PlanningRefusedException e)
        {
            return new Outcome(null, string.Join("; ", e.Faults));
        }
    }

    private static SimulationProblem Problem(Scenario scenario, PolicySetup setup, IPlanningPolicy policy, IArrivals arrivals, ulong seed) => new()
    {
        Cluster = setup.Options is { } own ? scenario.Problem with { Options = own } : scenario.Problem,
        Arrivals = arrivals,
        Policy = policy,
        TrueFanOut = scenario.TrueFanOut,
        Forecaster = setup.Forecaster ?? scenario.Forecaster,
        Failures = scenario.Failures,
        // One window for all, whatever rules a policy brings.
        Options = (setup.Simulation ?? scenario.Simulation) with { Seed = seed, WarmUp = scenario.Simulation.WarmUp },
    };

    private static PolicyComparison Summarise(Scenario scenario, PolicySetup setup, ReadOnlySpan<Outcome> outcomes)
    {
        ImmutableArray<PolicyRun> runs = [.. outcomes.ToArray().Select(o => o.Run).OfType<PolicyRun>()];
        var refused = outcomes.ToArray().FirstOrDefault(o => o.Refused is not null)?.Refused;
        if (refused is not null)
            runs = [];
        return new PolicyComparison(setup.Label, setup.Policy, refused, runs, runs.IsEmpty ? null : Timelines.Of(runs[0], scenario.Problem));
    }

    private sealed record Outcome(PolicyRun? Run, string? Refused);
}
