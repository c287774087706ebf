namespace Google.OrTools.LinearSolver;

/// <summary>A decision variable of a <see cref="Solver"/>.</summary>
public partial class Variable
{
    private readonly string _name;
    private double _lb;
    private double _ub;

    internal Variable(int index, double lb, double ub, bool integer, string name)
    {
        Position = index;
        IsInteger = integer;
        (_lb, _ub, _name) = (lb, ub, name);
    }

    internal int Position { get; }

    internal bool IsInteger { get; }

    internal double Value { get; set; }

    public string Name() => _name;

    public double Lb() => _lb;

    public double Ub() => _ub;

    public void SetBounds(double lb, double ub) => (_lb, _ub) = (lb, ub);

    public double SolutionValue() => Value;
}
