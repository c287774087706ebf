using ServerlessLoki.Planning;

namespace ServerlessLoki.Control;

/// <summary>Decision of one step of a <see cref="Planner"/>.</summary>
/// <param name="Action">Change of the plan in force.</param>
/// <param name="Plan">Plan in force after the change.</param>
/// <param name="Problem">Problem to route the plan by.</param>
/// <param name="ScalesAccuracy">True if queries may fall back to less accurate variants.</param>
/// <param name="Next">State of the planner after the change; where the change fails, see <see cref="PlannerState.Unapplied"/>.</param>
public sealed record PlanDecision(PlanAction Action, Plan Plan, PlanningProblem Problem, bool ScalesAccuracy, PlannerState Next);
