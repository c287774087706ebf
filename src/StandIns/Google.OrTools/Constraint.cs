namespace Google.OrTools.LinearSolver;

/// <summary>A row of a <see cref="Solver"/>.</summary>
public partial class Constraint
{
    private readonly double _lb;
    private readonly double _ub;

    internal Constraint(double lb, double ub) => (_lb, _ub) = (lb, ub);

    internal Dictionary<int, double> Coefficients { get; } = [];

    public double Lb() => _lb;

    public double Ub() => _ub;

    public void SetCoefficient(Variable var, double coeff)
    {
        ArgumentNullException.ThrowIfNull(var);
        Coefficients[var.Position] = coeff;
    }
}
