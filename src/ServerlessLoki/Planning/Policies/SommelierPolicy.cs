using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies.Proteus;
using ServerlessLoki.Planning.Policies.Sommelier;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// Sommelier as Proteus compares with it (Proteus, baselines): accuracy scaling on hardware that does not move. The first plan gives
/// every slot to one model for good; afterwards each model changes only the variants on its own slots, by Proteus' program with
/// head-room 1.5.
/// </summary>
/// <remarks>The partition of the start is Proteus' placement for the demand at that time, slots left over going to the busiest
/// (the artifact reads it from a file). Slots without traffic host the most accurate variant of their model (2.4). Pipelines are
/// planned task by task, see <see cref="ProteusPolicy"/>.</remarks>
public sealed class SommelierPolicy : IPlanningPolicy
{
    private readonly ISolver _solver;
    private readonly TimeProvider? _clock;
    private readonly ProteusOptions _options;

    /// <summary>Makes the policy.</summary>
    /// <param name="solver">Solves the programs.</param>
    /// <param name="clock">Measures <see cref="PlanningOptions.TimeLimit"/>; null = only the node limit holds.</param>
    /// <param name="options">Constants; null = head-room 1.5.</param>
    public SommelierPolicy(ISolver solver, TimeProvider? clock = null, ProteusOptions? options = null)
    {
        _solver = solver;
        _clock = clock;
        _options = ProteusOptions.Checked(options ?? new ProteusOptions { Headroom = 1.5 });
    }

    /// <inheritdoc/>
    public string Name => PlanningPolicies.Sommelier;

    /// <inheritdoc/>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var tasks = IndependentTasks.Of(problem);
        var families = tasks.Families;
        var partition = SlotPartition.Kept(families, Name) ?? SlotPartition.Of(families, Search(families, cancellationToken).Slots);
        var groups = new List<SlotGroup>();
        double objective = 0, bound = 0;
        var (nodes, isOverload, isLimited) = (0, false, false);
        var weights = PipelineWeights.Of(families);
        for (var f = 0; f < families.Pipelines.Length; f++)
        {
            var plan = Search(partition.ProblemOf(f), cancellationToken);
            groups.AddRange(partition.Complete(f, plan.Slots, _options));
            var value = weights[f] * plan.Accuracy * plan.ServedShare[0];
            objective += value;
            bound += value * (1 + plan.Proof.Gap);
            nodes += plan.Proof.Nodes;
            isOverload |= plan.Proof.Step == "overload";
            isLimited |= plan.Proof.Status != "optimal";
        }

        var proof = new PlanProof(objective, bound, isLimited ? "limit reached" : "optimal", nodes, isOverload ? "overload" : "accuracy");
        return PlacedPlan.Assemble(
            problem, tasks.Join(groups), Name, proof,
            [$"Demand {Explain.Demand(problem)} on {Explain.Slots(problem)} that were shared out at the start: only variants change."]);
    }

    private Plan Search(PlanningProblem problem, CancellationToken cancellationToken) =>
        new ProteusSearch(problem, _options, _solver, _clock, cancellationToken).Plan();
}
