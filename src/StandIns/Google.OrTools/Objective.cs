namespace Google.OrTools.LinearSolver;

/// <summary>The objective of a <see cref="Solver"/>.</summary>
public partial class Objective
{
    private double _offset;
    private bool _maximise;

    internal Dictionary<int, double> Coefficients { get; } = [];

    internal double FoundValue { get; set; }

    internal double FoundBound { get; set; }

    public void SetCoefficient(Variable var, double coeff)
    {
        ArgumentNullException.ThrowIfNull(var);
        Coefficients[var.Position] = coeff;
    }

    public void SetOffset(double value) => _offset = value;

    public double Offset() => _offset;

    public void SetMinimization() => _maximise = false;

    public void SetMaximization() => _maximise = true;

    public bool Maximization() => _maximise;

    public void Clear()
    {
        Coefficients.Clear();
        _offset = 0;
    }

    public double Value() => FoundValue;

    public double BestBound() => FoundBound;
}
