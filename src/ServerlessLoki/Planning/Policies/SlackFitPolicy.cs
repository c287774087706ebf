using ServerlessLoki.Batching.Residency;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies.SlackFit;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// SuperServe (NSDI 2025): each slot holds all variants of its task, or as many as its memory takes, and switches between them in no time. So the
/// plan only divides slots among tasks; each batch chooses its variant by the slack of its most urgent query (<c>slackfit</c>, §4), or by one of
/// the greedy rules that the paper compares with (§5: <c>slackfit-max-accuracy</c>, <c>slackfit-max-batch</c>).
/// </summary>
/// <remarks>All slots are used, as in the paper. It knows single models: pipelines are planned task by task with equal parts of the objective, see
/// <see cref="ProteusPolicy"/>, for the rows that the most accurate variants send on.</remarks>
internal sealed class SlackFitPolicy : IPlanningPolicy
{
    private readonly ResidentRule _rule;
    private readonly SlackFitOptions _options;

    private SlackFitPolicy(string name, ResidentRule rule, SlackFitOptions options) => (Name, _rule, _options) = (name, rule, options);

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Buckets over latency.</summary>
    /// <param name="options">Constants; null = the defaults.</param>
    public static SlackFitPolicy SlackFit(SlackFitOptions? options = null)
    {
        options ??= new SlackFitOptions();
        return options.Buckets >= 1 ? new SlackFitPolicy(PlanningPolicies.SlackFit, ResidentRule.SlackFit, options)
            : throw new ArgumentException($"$.buckets: found {options.Buckets}; allowed: 1 or more.", nameof(options));
    }

    /// <summary>MaxAcc.</summary>
    public static SlackFitPolicy MaxAccuracy() => new(PlanningPolicies.SlackFitMaxAccuracy, ResidentRule.MaxAccuracy, new SlackFitOptions());

    /// <summary>MaxBatch.</summary>
    public static SlackFitPolicy MaxBatch() => new(PlanningPolicies.SlackFitMaxBatch, ResidentRule.MaxBatch, new SlackFitOptions());

    /// <inheritdoc/>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        // Without the plan before: which variants ran says nothing about those that will.
        var tasks = IndependentTasks.Of(problem with { Previous = null });
        var groups = tasks.Join(ResidentSlots.All(tasks.Families).Groups(_rule, _options.Buckets));
        var unproven = new PlanProof(0, 1, "heuristic", 0, "heuristic");
        var plan = PlacedPlan.Assemble(
            problem, groups, Name, unproven,
            [$"Demand {Explain.Demand(problem)} on {Explain.Slots(problem)}: slots hold their task's variants, and each batch runs the one that its slack allows."]);
        return plan with { Proof = unproven with { Objective = plan.Accuracy, Step = plan.ServedShare.Any(s => s < 1) ? "overload" : "accuracy" } };
    }
}
