using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies.Ipa;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// FA2 as IPA compares with it (IPA, baselines): every task's variant is pinned, replicas and batches are free, by the same
/// program as <see cref="IpaPolicy"/>. <c>fa2-low</c> pins the least accurate variant of each task, <c>fa2-high</c> the most
/// accurate combination that ends within the objective.
/// </summary>
/// <remarks>The published <c>fa2-high</c> runs pin a heavy combination that is not the heaviest; give it as
/// <see cref="Fa2Options.Variants"/>.</remarks>
public sealed class Fa2Policy : IPlanningPolicy
{
    private readonly Fa2Options _options;

    private Fa2Policy(string name, Fa2Options? options)
    {
        Name = name;
        _options = options ?? new Fa2Options();
        IpaOptions.Checked(_options.Objective);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool ScalesAccuracy => false;

    /// <summary>Makes the light baseline.</summary>
    /// <exception cref="ArgumentException">A weight is below 0 or the replica limit below 1.</exception>
    public static Fa2Policy Low(Fa2Options? options = null) => new(PlanningPolicies.Fa2Low, options);

    /// <summary>Makes the heavy baseline.</summary>
    /// <exception cref="ArgumentException">A weight is below 0 or the replica limit below 1.</exception>
    public static Fa2Policy High(Fa2Options? options = null) => new(PlanningPolicies.Fa2High, options);

    /// <inheritdoc/>
    /// <exception cref="PlanningRefusedException">Branches of a pipeline meet again, several device types have slots, or a pinned variant does not exist.</exception>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        PolicyLimits.RequireTreesOnOneDevice(problem, Name);
        PolicyLimits.RequireVariants(problem, Name, _options.Variants);
        var pins = problem.Pipelines.Select((_, p) => Named(problem, p, Choose(problem, p, cancellationToken))).ToArray();
        return new IpaPlanner(problem, _options.Objective, new IpaPins(Variants: pins), Name, cancellationToken).Plan();
    }

    private int?[] Named(PlanningProblem problem, int pipeline, int?[] chosen) =>
    [
        .. problem.Pipelines[pipeline].Pipeline.Tasks.Select(t =>
            _options.Variants.TryGetValue(t.Name, out var name) ? t.Variants.First(v => v.Name == name).Index : chosen[t.Index]),
    ];

    private int?[] Choose(PlanningProblem problem, int pipeline, CancellationToken cancellationToken)
    {
        var (graph, device) = (problem.Pipelines[pipeline].Pipeline, IpaPlanner.DeviceOf(problem));
        if (Name == PlanningPolicies.Fa2Low)
        {
            return
            [
                .. graph.Tasks.Select(t => t.Variants.Where(v => problem.Profile.Find(v.Name, problem.Devices[device].Name) is not null)
                    .OrderBy(v => v.Accuracy).ThenBy(v => problem.Profile.Find(v.Name, problem.Devices[device].Name)!.LatencyUs(1))
                    .FirstOrDefault()?.Index),
            ];
        }

        // Without load and with cores for nothing, IPA's best is the most accurate that is in time.
        var accuracyOnly = new IpaOptions { AccuracyWeight = 1, CoreWeight = 0, MaxReplicas = _options.Objective.MaxReplicas };
        var chosen = new IpaChoice?[graph.Tasks.Length];
        new IpaSearch(problem with { Previous = null }, device, accuracyOnly, IpaPins.None, cancellationToken).Solve([pipeline], 0)?[0].Read(chosen);
        return [.. chosen.Select(c => c?.Variant)];
    }
}
