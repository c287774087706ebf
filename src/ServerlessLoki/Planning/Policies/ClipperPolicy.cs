using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies.Clipper;
using ServerlessLoki.Planning.Policies.Proteus;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// Clipper as Proteus compares with it (Proteus, baselines): a static placement of one variant per model, the most accurate
/// (<c>clipper-ha</c>) or the one with the highest throughput on the whole cluster (<c>clipper-ht</c>). The first plan places
/// it for the largest load that can be carried with the demand's proportions at that time; it never changes while it fits the cluster.
/// </summary>
/// <remarks>The published placements come from an offline solve of the same program. Pipelines are planned task by task, see
/// <see cref="ProteusPolicy"/>. Its batching rule is <see cref="Batching.AimdBatching"/>.</remarks>
public sealed class ClipperPolicy : IPlanningPolicy
{
    private readonly ISolver _solver;
    private readonly TimeProvider? _clock;
    private readonly Func<IEnumerable<ProteusChoice>, PlanningProblem, ProteusChoice> _prefer;

    private ClipperPolicy(string name, ISolver solver, TimeProvider? clock, Func<IEnumerable<ProteusChoice>, PlanningProblem, ProteusChoice> prefer)
    {
        Name = name;
        _solver = solver;
        _clock = clock;
        _prefer = prefer;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool ScalesAccuracy => false;

    /// <summary>Makes the policy that runs, for each model, the most accurate variant that answers in its part of the objective.</summary>
    /// <param name="solver">Solves the placement.</param>
    /// <param name="clock">Measures <see cref="PlanningOptions.TimeLimit"/>; null = only the node limit holds.</param>
    public static ClipperPolicy HighAccuracy(ISolver solver, TimeProvider? clock = null) => new(
        PlanningPolicies.ClipperHa, solver, clock,
        (choices, problem) => choices.OrderByDescending(c => c.Accuracy).ThenByDescending(c => AllQps(choices, problem, c.Variant)).First());

    /// <summary>Makes the policy that runs, for each model, the variant with the most rows per second if it had the whole
    /// cluster.</summary>
    /// <param name="solver">Solves the placement.</param>
    /// <param name="clock">Measures <see cref="PlanningOptions.TimeLimit"/>; null = only the node limit holds.</param>
    public static ClipperPolicy HighThroughput(ISolver solver, TimeProvider? clock = null) => new(
        PlanningPolicies.ClipperHt, solver, clock,
        (choices, problem) => choices.OrderByDescending(c => AllQps(choices, problem, c.Variant)).ThenByDescending(c => c.Accuracy).First());

    /// <inheritdoc/>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        if (problem.Previous is { } previous && previous.Policy == Name && StaticPlacement.Fits(previous, problem))
        {
            return PlacedPlan.Assemble(
                problem, previous.Slots, Name, previous.Proof, [$"Demand {Explain.Demand(problem)} meets the static placement of the start."]);
        }

        var tasks = IndependentTasks.Of(problem);
        var placement = new StaticPlacement(tasks.Families, Chosen(tasks.Families), _solver, _clock);
        var groups = placement.Groups(cancellationToken);
        return PlacedPlan.Assemble(
            problem, tasks.Join(groups), Name, placement.Proof,
            [$"A static placement on {Explain.Slots(problem)}, for as much as can be carried of a demand like {Explain.Demand(problem)}."]);
    }

    private List<ProteusChoice> Chosen(PlanningProblem families)
    {
        var byFamily =
            from p in Enumerable.Range(0, families.Pipelines.Length)
            from v in families.Pipelines[p].Pipeline.Root.Variants
            from d in Enumerable.Range(0, families.Devices.Length)
            let choice = ProteusChoice.Of(families, new ProteusOptions(), p, v.Index, d)
            where choice is not null
            group choice by p;
        return [.. byFamily.SelectMany(f => f.Where(c => c.Variant == _prefer(f, families).Variant))];
    }

    private static double AllQps(IEnumerable<ProteusChoice> choices, PlanningProblem problem, int variant) =>
        choices.Where(c => c.Variant == variant).Sum(c => c.SlotQps * problem.Devices[c.Device].Slots);
}
