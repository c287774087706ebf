using System.Collections.Immutable;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Plans to compare with: those of the published policies, and plans without queueing time.</summary>
/// <remarks>These plans are made only where the policy's own plan does not hold or was not found by one search of the whole space, and
/// rehearsed only where they promise more: a plan without head-room promises more than it keeps.</remarks>
internal sealed class Incumbents
{
    /// <summary>Factor by which processing may drift before routes find a path too slow.</summary>
    private const double ProcessingSlack = 1.1;

    /// <summary>Share of the time limit that the first plan still gets when no time is left, and that each plan may need to
    /// finish.</summary>
    private const double Grace = 0.1;

    private const double SameAccuracy = 1e-9;

    /// <summary>Utilizations at which plans without waits are tried, until one holds in rehearsal.</summary>
    private static readonly double[] s_utilizations = [1, 0.9, 0.8, 0.65];

    /// <summary>Longest wait for one plan, since timers have an upper limit.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly PlanningProblem _problem;
    private readonly ISolver _solver;
    private readonly TimeProvider? _clock;
    private readonly long _started;
    private readonly CancellationToken _cancellationToken;

    /// <summary>Prepares the comparison.</summary>
    /// <param name="problem">Problem to plan for, with the limits of each solve.</param>
    /// <param name="solver">Solves the programs of the policies.</param>
    /// <param name="clock">Measures the time limit; null = only the node limit holds.</param>
    /// <param name="started">Time stamp from which the limit counts.</param>
    /// <param name="cancellationToken">Stops a policy.</param>
    public Incumbents(PlanningProblem problem, ISolver solver, TimeProvider? clock, long started, CancellationToken cancellationToken) =>
        (_problem, _solver, _clock, _started, _cancellationToken) = (problem, solver, clock, started, cancellationToken);

    /// <summary>Lists plans that promise more than the rehearsed plan, with the names of their policies; none where nothing is left to
    /// gain.</summary>
    /// <param name="own">Rehearsed plan of the unified policy.</param>
    /// <param name="reserve">Share of the capacity that the rehearsed plan keeps free for forecast errors; other plans must keep it too,
    /// unless the rehearsed plan sheds load.</param>
    /// <param name="order">Order of plans, from best to worst.</param>
    public IEnumerable<(string Name, Plan Plan)> Beside(Tried own, double reserve, PlanOrder order)
    {
        if (order.IsSettled(own))
            yield break;
        var kept = own.Plan.ServedShare.Any(s => s < 1) ? 0 : reserve;
        var seen = new List<Plan> { own.Plan };
        var isFirst = true;
        var carriesBest = false;
        foreach (var (name, needsSolver, make) in Policies())
        {
            _cancellationToken.ThrowIfCancellationRequested();
            // It runs the most accurate variants only.
            if (name == PlanningPolicies.InferLineRelative && !carriesBest)
                continue;
            if (Problem(kept, isFirst || !needsSolver) is not { } problem)
                continue;
            isFirst = false;
            if (Within(problem, make) is not { } plan)
                continue;
            carriesBest |= plan.Proof.Step == "hardware";
            if (seen.Any(s => RunsTheSame(s, plan)))
                continue;
            seen.Add(plan);
            if (order.Promises(plan, own))
                yield return (name, plan with { ProcessingUs = ProcessingUs(_problem, plan) });
        }
    }

    /// <summary>Computes the longest processing time of routes by pipeline: a little more than the slowest path of a plan,
    /// microseconds.</summary>
    public static ImmutableArray<double> ProcessingUs(PlanningProblem problem, Plan plan)
    {
        var slowest = plan.Slots.GroupBy(s => (s.Pipeline, s.Task, s.Variant)).ToDictionary(g => g.Key, g => g.Max(s => s.LatencyUs));
        return
        [
            .. problem.Pipelines.Select((p, i) =>
            {
                var us = plan.Flows.Where(f => f.Pipeline == i && f.Qps > 0).Select(f => f.Steps.Sum(s => slowest.GetValueOrDefault((i, s.Task, s.Variant)))).DefaultIfEmpty(0).Max();
                return us > 0 ? us * ProcessingSlack : p.Pipeline.SloUs * problem.Options.ProcessingShare;
            }),
        ];
    }

    // The same slots that serve the same share by the same variants do the same in rehearsal.
    private static bool RunsTheSame(Plan a, Plan b)
    {
        return a.ServedShare.SequenceEqual(b.ServedShare) && Math.Abs(a.Accuracy - b.Accuracy) < SameAccuracy && Keys(a).SequenceEqual(Keys(b));

        static IEnumerable<(int, int, int, int, int, int, int?)> Keys(Plan plan) =>
            plan.Slots.Select(s => (s.Pipeline, s.Task, s.Variant, s.Device, s.Batch, s.Replicas, s.Cores)).Order();
    }

    private IEnumerable<(string Name, bool NeedsSolver, Func<PlanningProblem, CancellationToken, Plan> Make)> Policies()
    {
        foreach (var utilization in s_utilizations)
            yield return (PlanningPolicies.Loki, true, (p, c) => Loki(With(p, o => o with { Utilization = o.Utilization * utilization }), c));
        yield return ($"{PlanningPolicies.Loki} on all slots", true, (p, c) => Loki(With(p, o => o with { FillLeftover = true }), c));
        yield return ($"{PlanningPolicies.Loki} with the whole objective for processing", true, (p, c) => Loki(With(p, o => o with { ProcessingShare = 1 }), c));
        if (_problem.Cores is not null)
            yield break;
        yield return (PlanningPolicies.Proteus, true, (p, c) => new ProteusPolicy(_solver, _clock) { SharesLimit = true }.Plan(p, c));
        yield return (PlanningPolicies.Infaas, false, (p, c) => new InfaasPolicy().Plan(p, c));
        if (_problem.Pipelines.All(p => p.Pipeline.IsTree))
            yield return (PlanningPolicies.InferLineRelative, true, (p, c) => new InferLinePolicy(InferLinePolicy.RelativeOptions).Plan(p with { Recent = null }, c));
    }

    private Plan Loki(PlanningProblem problem, CancellationToken cancellationToken) =>
        new LokiPolicy(_solver, _clock) { SharesLimit = true }.Plan(problem, cancellationToken);

    // Some policies replay traffic instead of solving, and some programs are too large to be begun: both end with the time too.
    private Plan? Within(PlanningProblem problem, Func<PlanningProblem, CancellationToken, Plan> make)
    {
        if (_clock is null)
            return make(problem, _cancellationToken);
        var most = problem.Options.TimeLimit < Longest ? problem.Options.TimeLimit : Longest;
        using var late = new CancellationTokenSource((1 + Grace) * most, _clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _cancellationToken);
        try
        {
            return make(problem, end.Token);
        }
        catch (OperationCanceledException) when (!_cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static PlanningProblem With(PlanningProblem problem, Func<PlanningOptions, PlanningOptions> change) => problem with { Options = change(problem.Options) };

    // The problem with the time that is left; null when there is none. What comes without a long search is had all the same.
    private PlanningProblem? Problem(double reserve, bool always)
    {
        var left = _clock is null ? _problem.Options.TimeLimit : _problem.Options.TimeLimit - _clock.GetElapsedTime(_started);
        if (always && left < Grace * _problem.Options.TimeLimit)
            left = Grace * _problem.Options.TimeLimit;
        return left <= TimeSpan.Zero ? null : With(_problem, o => o with { TimeLimit = left, Utilization = o.Utilization * (1 - reserve) });
    }
}
