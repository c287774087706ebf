namespace ServerlessLoki.Planning;

/// <summary>Result of the solver for a plan: its objective and the bound.</summary>
/// <param name="Objective">Value of the last objective solved, in that objective's unit.</param>
/// <param name="Bound">Bound of the objective: no plan can be better.</param>
/// <param name="Status">For example <c>optimal</c>, <c>limit reached</c> or <c>time ran out</c>; optimal only where every step was proven.</param>
/// <param name="Nodes">Branch-and-bound nodes over all steps.</param>
/// <param name="Step">Step that decided, for example <c>hardware</c>, <c>accuracy</c> or <c>overload</c>.</param>
public sealed record PlanProof(double Objective, double Bound, string Status, int Nodes, string Step)
{
    /// <summary>Relative distance between objective and bound; 0 = proven best.</summary>
    public double Gap => Math.Abs(Bound - Objective) / Math.Max(1e-9, Math.Abs(Objective));
}
