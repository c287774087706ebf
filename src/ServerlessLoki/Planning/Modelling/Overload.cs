using System.Collections.Immutable;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Plans for more demand than can be served (loki.md 2.9): serve most, then most accurate, shed the rest.</summary>
internal static class Overload
{
    /// <summary>Plans; never fails: in the worst case nothing is served.</summary>
    public static (PlanDraft Draft, PlanProof Proof) Plan(PlanningSpace space, PlanSolver solver)
    {
        var best = MostServed(space, solver);
        if (best.Draft is null)
        {
            var none = new PlanDraft(space, [], new double[space.Prefixes.Length], new double[space.Pipelines.Length]);
            var status = best.Solution.Status == SolveStatus.Infeasible ? "nothing can be served" : "limit reached";
            return (none, new PlanProof(0, 0, status, solver.Nodes, "overload"));
        }

        // A hair less than the most, or rounding would leave no room for any plan.
        var least = best.Draft.Served.Select((s, i) => s * space.Pipelines[i].Demand.DemandQps).Sum() * (1 - 1e-7);
        var accurate = solver.Solve(new PlanProgram(space, Goal.MostAccurateOfServed, best.Covered, least));
        return accurate.Draft is { } draft
            ? (draft, solver.Proof(accurate.Solution, "overload"))
            : (best.Draft, solver.Proof(best.Solution, "overload"));
    }

    /// <summary>Served share of all demand, 0..1.</summary>
    public static double ServedShare(PlanDraft draft)
    {
        var demand = draft.Space.Problem.Pipelines.Sum(p => p.DemandQps);
        return demand <= 0 ? draft.Served.Average() : draft.Served.Select((s, i) => s * draft.Space.Problem.Pipelines[i].DemandQps).Sum() / demand;
    }

    // With fewer slots than tasks not every pipeline can be covered; then whole pipelines go without.
    private static (Solution Solution, PlanDraft? Draft, bool Covered) MostServed(PlanningSpace space, PlanSolver solver)
    {
        var isProven = true;
        foreach (var choice in (ImmutableArray<PlanningSpace>)[space, space.FastestOnly()])
        {
            foreach (var cover in (ReadOnlySpan<bool>)[true, false])
            {
                var (solution, draft) = solver.Solve(new PlanProgram(choice, Goal.MostServed, cover));
                if (draft is not null && (cover || draft.Served.Sum() > 0))
                    return (solution, draft, cover);
                isProven &= solution.Status is SolveStatus.Infeasible or SolveStatus.Optimal;
            }
        }

        return (new Solution { Status = isProven ? SolveStatus.Infeasible : SolveStatus.Limit }, null, false);
    }
}
