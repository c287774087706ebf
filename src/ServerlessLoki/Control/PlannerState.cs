using System.Collections.Immutable;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Control;

/// <summary>All that a <see cref="Planner"/> remembers between two steps.</summary>
public sealed record PlannerState
{
    /// <summary>Before the first plan.</summary>
    public static PlannerState None { get; } = new();

    /// <summary>The plan in force; null before the first.</summary>
    public Plan? Plan { get; init; }

    /// <summary>The problem that it was applied for; null before the first.</summary>
    public PlanningProblem? Problem { get; init; }

    /// <summary>When the policy was asked last; null = not yet, or not known.</summary>
    public SolveMark? Solved { get; init; }

    /// <summary>What is remembered when a decision could not be carried out: the plan stays, and the policy was asked all the same.</summary>
    /// <param name="next"><see cref="PlanDecision.Next"/> of that decision.</param>
    public PlannerState Unapplied(PlannerState next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return this with { Solved = next.Solved };
    }
}

/// <summary>That a policy was asked.</summary>
/// <param name="AtUs">When, microseconds on the loop's clock.</param>
/// <param name="Slots">Slots of each device type that it could plan with.</param>
public sealed record SolveMark(long AtUs, ImmutableArray<int> Slots);
