using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Samples.OwnApp;

/// <summary>Policy <c>unified</c> on three quarters of each device's slots: the rest is for other programs of the machine.</summary>
/// <param name="solver">Solves the programs.</param>
/// <param name="clock">Measures time limits; null = only node limits hold.</param>
public sealed class LeaveRoomPolicy(ISolver solver, TimeProvider? clock) : IPlanningPolicy
{
    private readonly UnifiedPolicy _unified = new(solver, clock);

    /// <summary>Registry entry of the policy.</summary>
    public static PolicyEntry Entry { get; } = new("leave-room", "unified on three quarters of the slots", (s, c) => new LeaveRoomPolicy(s, c));

    /// <inheritdoc/>
    public string Name => Entry.Name;

    /// <inheritdoc/>
    public TimeSpan History => _unified.History;

    /// <inheritdoc/>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var part = problem with { Devices = [.. problem.Devices.Select(d => d with { Slots = d.Slots - (d.Slots / 4) })] };
        var plan = _unified.Plan(part, cancellationToken);
        return plan with { Policy = Name, Why = [.. plan.Why, "a quarter of the slots is left to other programs"] };
    }
}
