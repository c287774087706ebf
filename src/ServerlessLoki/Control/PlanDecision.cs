using ServerlessLoki.Planning;

namespace ServerlessLoki.Control;

/// <summary>What one step of a <see cref="Planner"/> decided.</summary>
/// <param name="Action">What becomes of the plan in force.</param>
/// <param name="Plan">The plan in force once that is done.</param>
/// <param name="Problem">What to route it by.</param>
/// <param name="ScalesAccuracy">True if queries may fall back to less accurate variants.</param>
/// <param name="Next">What the planner remembers once that is done; where it fails, see <see cref="PlannerState.Unapplied"/>.</param>
public sealed record PlanDecision(PlanAction Action, Plan Plan, PlanningProblem Problem, bool ScalesAccuracy, PlannerState Next);
