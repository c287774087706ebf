namespace Google.OrTools.LinearSolver;

/// <summary>A program in the shape of Cbc_loadProblem, always a minimisation.</summary>
internal sealed class CbcProgram
{
    public CbcProgram(List<Variable> variables, List<Constraint> constraints, Objective objective)
    {
        Variables = variables;
        Objective = objective;
        var sign = objective.Maximization() ? -1 : 1;
        Cost = new double[variables.Count];
        foreach (var (column, cost) in objective.Coefficients)
            Cost[column] = sign * cost;
        Lower = [.. variables.Select(v => Finite(v.Lb()))];
        Upper = [.. variables.Select(v => Finite(v.Ub()))];
        RowLower = [.. constraints.Select(c => Finite(c.Lb()))];
        RowUpper = [.. constraints.Select(c => Finite(c.Ub()))];
        Starts = new int[variables.Count + 1];
        foreach (var column in constraints.SelectMany(c => c.Coefficients.Keys))
            Starts[column + 1]++;
        for (var j = 0; j < variables.Count; j++)
            Starts[j + 1] += Starts[j];
        Rows = new int[Starts[^1]];
        Values = new double[Starts[^1]];
        var next = Starts.AsSpan(0, variables.Count).ToArray();
        for (var i = 0; i < constraints.Count; i++)
        {
            foreach (var (column, value) in constraints[i].Coefficients)
            {
                Rows[next[column]] = i;
                Values[next[column]++] = value;
            }
        }
    }

    public List<Variable> Variables { get; }

    public Objective Objective { get; }

    public double[] Cost { get; }

    public double[] Lower { get; }

    public double[] Upper { get; }

    public double[] RowLower { get; }

    public double[] RowUpper { get; }

    public int[] Starts { get; }

    public int[] Rows { get; }

    public double[] Values { get; }

    // CBC's infinity is the largest number: with the other one some of its heuristics compute nonsense.
    private static double Finite(double bound) => Math.Clamp(bound, -double.MaxValue, double.MaxValue);

    /// <summary>Hands values and bound of a minimisation back.</summary>
    public unsafe void Take(double* values, double bound)
    {
        var sign = Objective.Maximization() ? -1 : 1;
        var sum = 0.0;
        for (var j = 0; values != null && j < Variables.Count; j++)
        {
            Variables[j].Value = values[j];
            sum += Cost[j] * values[j];
        }

        Objective.FoundValue = (sign * sum) + Objective.Offset();
        Objective.FoundBound = (sign * bound) + Objective.Offset();
    }
}
