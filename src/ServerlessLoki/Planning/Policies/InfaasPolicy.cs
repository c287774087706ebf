using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies.Infaas;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// INFaaS as Proteus compares with it (INFaaS-Accuracy, Proteus, baselines), after INFaaS' own idea instead of the artifact's defects:
/// a heuristic that changes what runs step by step. Each model starts with its most accurate variant; a load above 0.95 of its
/// capacity is met by more replicas or by a switch of variants, whichever costs the least accuracy; below 0.4 replicas go, the
/// least accurate first, or become more accurate.
/// </summary>
/// <remarks>Models look after themselves, those in the greatest need first, so the plan depends on the past and proves nothing.
/// Pipelines are planned task by task, see <see cref="ProteusPolicy"/>.</remarks>
public sealed class InfaasPolicy : IPlanningPolicy
{
    private readonly InfaasOptions _options;

    /// <summary>Makes the policy; null = the published constants.</summary>
    /// <exception cref="ArgumentException">A slack is out of bounds.</exception>
    public InfaasPolicy(InfaasOptions? options = null)
    {
        _options = options ?? new InfaasOptions();
        if (!(_options.Slack is > 0 and <= 1) || !(_options.DownscaleSlack >= 0) || _options.DownscaleSlack >= _options.Slack)
        {
            throw new ArgumentException(
                $"$.slack: found {_options.Slack}; allowed: above 0 up to 1. $.downscaleSlack: found {_options.DownscaleSlack}; allowed: from 0, below the slack.", nameof(options));
        }
    }

    /// <inheritdoc/>
    public string Name => PlanningPolicies.Infaas;

    /// <inheritdoc/>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var tasks = IndependentTasks.Of(problem);
        var search = new InfaasSearch(tasks.Families, _options);
        search.Start(tasks.Families.Previous is { } previous && previous.Policy == Name ? previous : null);
        search.ScaleDown();
        search.ScaleUp(cancellationToken);
        var unproven = new PlanProof(0, 1, "heuristic", 0, "heuristic");
        var plan = PlacedPlan.Assemble(
            problem, tasks.Join(search.Groups()), Name, unproven,
            [$"Demand {Explain.Demand(problem)} on {Explain.Slots(problem)}: from what ran before, the changes that cost the least accuracy."]);
        return plan with { Proof = unproven with { Objective = plan.Accuracy, Step = plan.ServedShare.Any(s => s < 1) ? "overload" : "accuracy" } };
    }
}
