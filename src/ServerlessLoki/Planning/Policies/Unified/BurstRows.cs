using System.Collections.Immutable;
using ServerlessLoki.Planning.Modelling;

namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Head-room by pipeline and task, in rows above the mean rate.</summary>
internal static class BurstRows
{
    /// <summary>ln(1 / 0.005) / 2: in heavy traffic a queue of independent rows is longer than q with chance exp(−2 (1 − ρ) q), so with
    /// this many rows of head-room per wait one row in 200 waits longer.</summary>
    private const double Independent = 2.65;

    /// <summary>Less head-room than this share of the rule's is never planned, more than this multiple neither. Less often holds, since batches
    /// grow when queues do, but then nothing is left to recover with from a swap or a wrong forecast.</summary>
    private const double Least = 0.3;
    private const double Most = 8;
    private const double GiveBack = 0.85;

    /// <summary>More than the rule's was raised for a moment that may have passed: it goes faster.</summary>
    private const double GiveBackRaised = 0.6;

    /// <summary>What was learnt at a demand that has since moved by more than this factor is about other pools.</summary>
    private const double SameDemand = 1.5;

    /// <summary>Head-room is given back only where a rehearsal misses less than this part of what it may: the edge is steep.</summary>
    private const double Comfortable = 0.2;

    /// <summary>What the rule says: children of one parent come together, so a burst is as many times larger as a query has rows.</summary>
    public static ImmutableArray<double> Rule(PipelineDemand demand)
    {
        var rows = VisitRows.OfTasks(
            demand.Pipeline, edge => Math.Max(1, demand.FanOut[edge.Index, demand.Pipeline.Tasks[edge.From].MostAccurate.Index]));

        return [.. rows.Select(r => Independent * (1 + r) / 2)];
    }

    /// <summary>What to begin with: what the plan in force passes on, or the rule.</summary>
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

    /// <summary>What a plan passes on: less than it has where its rehearsal went well.</summary>
    public static HeadroomState Next(PlanningProblem problem, Plan plan, double[] missed, double missedShare)
    {
        var rule = problem.Pipelines.Select(Rule).ToArray();
        return new HeadroomState([.. plan.PolicyState!.HeadroomRows.Select((rows, p) => missed[p] > Comfortable * missedShare
            ? rows
            : [.. rows.Select((r, t) => r > rule[p][t] ? Math.Max(rule[p][t], r * GiveBackRaised) : r * GiveBack)])]);
    }

    /// <summary>How much of the rule's head-room the rehearsals left, 0..1, mean over pipelines and tasks.</summary>
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

    /// <summary>More head-room for a pipeline; false when it has the most already.</summary>
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
