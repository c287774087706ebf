using System.Collections.Immutable;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Control;

/// <summary>State of a <see cref="Planner"/> between two steps.</summary>
public sealed record PlannerState
{
    /// <summary>State before the first plan.</summary>
    public static PlannerState None { get; } = new();

    /// <summary>The plan in force; null before the first.</summary>
    public Plan? Plan { get; init; }

    /// <summary>Problem that the plan in force was applied for; null before the first plan.</summary>
    public PlanningProblem? Problem { get; init; }

    /// <summary>Time and slots of the last call of the policy; null = not called yet, or not known.</summary>
    public SolveMark? Solved { get; init; }

    /// <summary>Problem for which the policy gave the plan in force again and left its own state unchanged; null = it did not. Not stored: see
    /// <see cref="SettledLike"/>.</summary>
    internal PlanningProblem? Settled { get; init; }

    /// <summary>Returns this state with the settled question of another: the policy is not asked again before that changes.</summary>
    /// <param name="other">State of the same process for the same plan, after an earlier step. A loop that reads its state from a store at each step keeps
    /// it in memory: what settles a question cannot be stored.</param>
    public PlannerState SettledLike(PlannerState other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return this with { Settled = other.Settled };
    }

    /// <summary>Returns the state after a decision that could not be carried out: the plan stays, and the call of the policy still
    /// counts.</summary>
    /// <param name="next"><see cref="PlanDecision.Next"/> of that decision.</param>
    public PlannerState Unapplied(PlannerState next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return this with { Solved = next.Solved };
    }
}

/// <summary>Record of one call of the policy.</summary>
/// <param name="AtUs">Time of the call, microseconds on the loop's clock.</param>
/// <param name="Slots">Slots of each device type that the policy could use.</param>
public sealed record SolveMark(long AtUs, ImmutableArray<int> Slots);
