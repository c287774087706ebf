using System.Collections.Immutable;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Plans for more demand than can be served (Loki, accuracy scaling beyond capacity): serve most, then most accurate, shed the rest.</summary>
internal static class Overload
{
    /// <summary>Plans for overload. Always gives a plan; in the worst case it serves nothing.</summary>
    /// <returns>The plan, its proof and a sentence about the proof. The proof is about the served amount where that is not proven optimal,
    /// else about the accuracy.</returns>
    public static (PlanDraft Draft, PlanProof Proof, string Sentence) Plan(PlanningSpace space, PlanSolver solver)
    {
        var best = MostServed(space, solver);
        if (best.Draft is null)
        {
            var none = new PlanDraft(space, [], new double[space.Prefixes.Length], new double[space.Pipelines.Length]);
            return best.Solution.Status == SolveStatus.Infeasible
                ? (none, new PlanProof(0, 0, "nothing can be served", solver.Nodes, "overload"), "Nothing can be served.")
                : Open(none, new Solution { Status = SolveStatus.Limit, Objective = 0, Bound = 1 }, solver);
        }

        // A hair less than the most, or rounding would leave no room for any plan.
        var least = best.Draft.Served.Select((s, i) => s * space.Pipelines[i].Demand.DemandQps).Sum() * (1 - 1e-7);
        var accurate = solver.Solve(space, () => new PlanProgram(space, Goal.MostAccurateOfServed, best.Covered, least));
        if (best.Solution.Status != SolveStatus.Optimal || accurate.Draft is null)
            return Open(accurate.Draft ?? best.Draft, best.Solution, solver);
        var proof = solver.Proof(accurate.Solution, "overload");
        return (accurate.Draft, proof, Explain.Proof(accurate.Draft, proof));
    }

    // Accuracy is only looked at among plans that serve as much: while more may be served, its proof says nothing about the plan.
    private static (PlanDraft Draft, PlanProof Proof, string Sentence) Open(PlanDraft draft, Solution served, PlanSolver solver)
    {
        var proof = solver.Proof(served with { Bound = Math.Min(1, served.Bound) }, "overload");
        return (draft, proof, $"No plan can serve more than {100 * proof.Bound:0.##} % ({proof.Status}, {Explain.Count(proof.Nodes, "node")}).");
    }

    /// <summary>Computes the served share of all demand, 0..1.</summary>
    public static double ServedShare(PlanDraft draft)
    {
        var demand = draft.Space.Problem.Pipelines.Sum(p => p.DemandQps);
        return demand <= 0 ? draft.Served.Average() : draft.Served.Select((s, i) => s * draft.Space.Problem.Pipelines[i].DemandQps).Sum() / demand;
    }

    // With fewer slots than tasks not every pipeline can be covered; then whole pipelines go without.
    private static (Solution Solution, PlanDraft? Draft, bool Covered) MostServed(PlanningSpace space, PlanSolver solver)
    {
        var isProven = true;
        var bound = 1.0;
        foreach (var choice in (ImmutableArray<PlanningSpace>)[space, space.FastestOnly()])
        {
            foreach (var cover in (ReadOnlySpan<bool>)[true, false])
            {
                var isCovered = cover;
                var (solution, draft) = solver.Solve(choice, () => new PlanProgram(choice, Goal.MostServed, isCovered));
                if (draft is not null && (cover || draft.Served.Sum() > 0))
                    return (isProven ? solution : solution with { Status = SolveStatus.Feasible, Bound = Math.Max(solution.Objective, bound) }, draft, cover);
                if (ReferenceEquals(choice, space) && cover && double.IsFinite(solution.Bound))
                    bound = Math.Min(1, solution.Bound);
                isProven &= solution.Status is SolveStatus.Infeasible or SolveStatus.Optimal;
            }
        }

        return (new Solution { Status = isProven ? SolveStatus.Infeasible : SolveStatus.Limit }, null, false);
    }
}
