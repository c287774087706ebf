using ServerlessLoki.Planning.Policies.Unified;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// The product's own policy: serve most, then most accurately, then at least cost, then with fewest swaps, over variants, devices,
/// batches and replicas of any number of pipelines; and rehearsed before it is given out.
/// </summary>
/// <remarks>
/// <para>Head-room is planned in rows, not as a share (<see cref="Modelling.WaitLevels"/>): each task has a burst B of rows above its mean rate that
/// what is free of the capacity must clear within the wait that the plan allows there.</para>
/// <para>The plan is then replayed against the arrivals seen lately. Where more than <see cref="UnifiedOptions.MissedShare"/> of a
/// pipeline's queries miss their deadline, its B is raised and the problem is solved again. The plan in force passes its B
/// on, a little smaller where the replay went well, so head-room is given back as long as less of it holds too.</para>
/// <para>Where its plan leaves something to win, the plans of the published policies are replayed as well
/// (<see cref="Incumbents"/>), and the best is given out: a search that a limit cut short answers with no less than those.</para>
/// </remarks>
public sealed class UnifiedPolicy : IPlanningPolicy
{
    private readonly ISolver _solver;
    private readonly TimeProvider? _clock;
    private readonly UnifiedOptions _options;

    /// <summary>Makes the policy.</summary>
    /// <param name="solver">Solves the programs.</param>
    /// <param name="clock">Measures <see cref="PlanningOptions.TimeLimit"/>; null = only the node limit holds.</param>
    /// <param name="options">Constants of the policy; null = the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    public UnifiedPolicy(ISolver solver, TimeProvider? clock = null, UnifiedOptions? options = null)
    {
        _solver = solver;
        _clock = clock;
        _options = options ?? new UnifiedOptions();
        if (_options.Faults() is { Count: > 0 } faults)
            throw new ArgumentException(string.Join("; ", faults), nameof(options));
    }

    /// <inheritdoc/>
    public string Name => PlanningPolicies.Unified;

    /// <inheritdoc/>
    public TimeSpan History => _options.History;

    /// <inheritdoc/>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return new UnifiedSearch(problem, _options, _solver, _clock, cancellationToken).Plan();
    }
}
