using System.Collections.Immutable;
using ServerlessLoki.Planning.Modelling;

namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Head-room by pipeline and task, in rows above the mean rate.</summary>
internal static class BurstRows
{
    /// <summary>ln(1 / 0.005) / 2: in heavy traffic a queue of independent rows is longer than q with chance exp(−2 (1 − ρ) q), so with
    /// this many rows of head-room per wait one row in 200 waits longer.</summary>
    private const double Independent = 2.65;

    /// <summary>Least planned head-room, as a share of the rule's; <see cref="Most"/> is the largest, as a multiple of it. Less than this often
    /// suffices, since batches grow when queues do, but then nothing is left to recover from a swap or a wrong forecast.</summary>
    private const double Least = 0.3;
    private const double Most = 8;
    private const double GiveBack = 0.85;

    /// <summary>Factor by which head-room above the rule's is given back. It is faster than for the rest, since the cause of the raise may
    /// have passed.</summary>
    private const double GiveBackRaised = 0.6;

    /// <summary>Distance that is kept from head-room that did not hold, as a factor: a probe just above it would fail too.</summary>
    private const double AboveFailed = 1.15;

    /// <summary>Factor by which a floor falls with each plan, so that after minutes less is tried again.</summary>
    private const double Forget = 0.9975;

    /// <summary>Largest change of demand, as a factor, up to which learnt head-room still applies: at another demand the pools are
    /// others.</summary>
    private const double SameDemand = 1.5;

    /// <summary>Share of the allowed misses below which head-room is given back: above it the risk rises steeply.</summary>
    private const double Comfortable = 0.2;

    /// <summary>Computes the rule's head-room. Children of one parent come together, so a burst is as many times larger as a query has
    /// rows.</summary>
    public static ImmutableArray<double> Rule(PipelineDemand demand)
    {
        var rows = VisitRows.OfTasks(
            demand.Pipeline, edge => Math.Max(1, demand.FanOut[edge.Index, demand.Pipeline.Tasks[edge.From].MostAccurate.Index]));

        return [.. rows.Select(r => Independent * (1 + r) / 2)];
    }

    /// <summary>Returns the head-room to begin with: that of the plan in force, or the rule's.</summary>
    public static double[][] Start(PlanningProblem problem)
    {
        var rule = problem.Pipelines.Select(Rule).ToArray();
        var previous = problem.Previous?.PolicyState?.HeadroomRows is { IsDefaultOrEmpty: false } rows && rows.Length == rule.Length ? rows : (ImmutableArray<ImmutableArray<double>>?)null;
        return [.. rule.Select((r, p) => r.Select((b, t) => previous is { } had && t < had[p].Length && IsAlike(problem, p)
            ? Math.Clamp(had[p][t], b * Least, b * Most) : b).ToArray())];
    }

    private static bool IsAlike(PlanningProblem problem, int pipeline)
    {
        var (now, then) = (problem.Pipelines[pipeline].DemandQps, problem.Previous!.DemandQps[pipeline]);
        return now <= then * SameDemand && then <= now * SameDemand;
    }

    /// <summary>Returns the shares of the rule's head-room that are not given back, by pipeline, as the plan in force passed them on. Without arrivals
    /// nothing new is learnt, and nothing forgotten.</summary>
    public static double[] Floors(PlanningProblem problem)
    {
        var known = problem.Previous?.PolicyState is HeadroomState { Floors: { IsEmpty: false } floors } && floors.Length == problem.Pipelines.Length ? floors : [];
        var kept = problem.Recent is { Arrivals.IsEmpty: false } ? Forget : 1;
        return [.. problem.Pipelines.Select((_, p) => !known.IsEmpty && IsAlike(problem, p) ? known[p] * kept : 0)];
    }

    /// <summary>Records that a pipeline's head-room did not hold: no less than a little more is planned with for the next minutes.</summary>
    public static void Failed(PlanningProblem problem, double[] rows, double[] floors, int pipeline)
    {
        var rule = Rule(problem.Pipelines[pipeline]);
        floors[pipeline] = Math.Max(floors[pipeline], AboveFailed * rows.Select((r, t) => r / rule[t]).Max());
    }

    /// <summary>Returns the state that a plan passes on: less head-room than its own where its rehearsal went well, but none that has not
    /// held.</summary>
    public static HeadroomState Next(PlanningProblem problem, Plan plan, double[] missed, double missedShare, double[] floors)
    {
        var rows = plan.PolicyState!.HeadroomRows.Select((own, p) =>
        {
            var rule = Rule(problem.Pipelines[p]);
            ImmutableArray<double> less = [.. own.Select((r, t) => r > rule[t] ? Math.Max(rule[t], r * GiveBackRaised) : r * GiveBack)];
            return missed[p] > Comfortable * missedShare || less.Where((r, t) => r < floors[p] * rule[t]).Any() ? own : less;
        });
        return new HeadroomState([.. rows]) { Floors = [.. floors], DemandQps = [.. problem.Pipelines.Select(p => p.DemandQps)] };
    }

    /// <summary>Computes which share of the rule's head-room the rehearsals left, 0..1, mean over pipelines and tasks.</summary>
    public static double ShareOfRule(PlanningProblem problem, double[][] rows)
    {
        var (sum, count) = (0.0, 0);
        for (var p = 0; p < rows.Length; p++)
        {
            var rule = Rule(problem.Pipelines[p]);
            for (var t = 0; t < rows[p].Length; t++, count++)
                sum += Math.Min(1, rows[p][t] / rule[t]);
        }

        return sum / count;
    }

    /// <summary>Raises the head-room of a pipeline; false when it is at its maximum.</summary>
    public static bool Raise(PlanningProblem problem, double[] rows, int pipeline, double by)
    {
        var rule = Rule(problem.Pipelines[pipeline]);
        var raised = false;
        for (var t = 0; t < rows.Length; t++)
        {
            var more = Math.Min(rows[t] * by, rule[t] * Most);
            raised |= more > rows[t] * 1.01;
            rows[t] = more;
        }

        return raised;
    }
}
