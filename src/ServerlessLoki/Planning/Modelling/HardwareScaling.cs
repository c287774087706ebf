using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Hardware scaling (Loki): the fewest slots on which the most accurate variants serve all demand.</summary>
internal sealed class HardwareScaling
{
    private readonly PlanningSpace _accurate;
    private readonly PlanSolver _solver;

    /// <summary>Prepares hardware scaling of a space.</summary>
    /// <param name="space">Space with all variants.</param>
    /// <param name="solver">Solves the program.</param>
    public HardwareScaling(PlanningSpace space, PlanSolver solver)
    {
        _accurate = space.MostAccurateOnly();
        _solver = solver;
        Budgets = [.. Explain.Budgets(space)];
    }

    /// <summary>Space of the most accurate variants only.</summary>
    public PlanningSpace Accurate => _accurate;

    /// <summary>Sentences about latency budgets, for every plan.</summary>
    public IReadOnlyList<string> Budgets { get; }

    /// <summary>Reason why there is no plan, without a full stop; valid after <see cref="TryPlan"/> returned null.</summary>
    public string Missing { get; private set; } = "";

    /// <summary>Makes the plan; null when the most accurate variants cannot serve all demand, or a limit struck before that was
    /// known.</summary>
    /// <param name="policy">Name of the policy that asks.</param>
    public Plan? TryPlan(string policy)
    {
        var (solution, draft) = _solver.Solve(_accurate, () => new PlanProgram(_accurate, Goal.FewestSlots));
        if (draft is null)
        {
            Missing = Explain.NoPlan(_accurate, solution);
            return null;
        }

        var best = solution.Status == SolveStatus.Optimal ? "no fewer can do it" : "no plan with fewer was found within the limits";
        var why = $"Demand {Explain.Demand(_accurate.Problem)} fits {Explain.Variants(_accurate)}, the most accurate variants, on "
            + $"{Explain.Count(draft.Slots.Sum(s => s.Replicas), "slot")} of {Explain.Slots(_accurate.Problem)}: {best}.";
        return PlanAssembler.Assemble(draft, policy, _solver.Proof(solution, "hardware"), [why, .. Budgets]);
    }
}
