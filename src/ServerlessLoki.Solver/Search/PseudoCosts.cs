namespace ServerlessLoki.Solver.Search;

/// <summary>Mean objective loss per unit of rounding each column down or up, as observed so far.</summary>
internal sealed class PseudoCosts
{
    private readonly double[] _downSum;
    private readonly double[] _upSum;
    private readonly int[] _downCount;
    private readonly int[] _upCount;
    private double _allSum;
    private int _allCount;

    public PseudoCosts(int columns)
    {
        _downSum = new double[columns];
        _upSum = new double[columns];
        _downCount = new int[columns];
        _upCount = new int[columns];
    }

    /// <summary>Returns the number of observations in the direction that has fewer.</summary>
    public int Reliability(int column) => Math.Min(_downCount[column], _upCount[column]);

    public void Observe(int column, bool up, double loss, double distance)
    {
        if (distance < 1e-9)
            return;
        var unit = Math.Max(0, loss) / distance;
        (up ? _upSum : _downSum)[column] += unit;
        (up ? _upCount : _downCount)[column]++;
        _allSum += unit;
        _allCount++;
    }

    public double Estimate(int column, bool up, double distance)
    {
        var count = up ? _upCount[column] : _downCount[column];
        var unit = count > 0 ? (up ? _upSum : _downSum)[column] / count : _allCount > 0 ? _allSum / _allCount : 1;
        return unit * distance;
    }

    /// <summary>Combines the expected losses of both children; the product prefers balanced children.</summary>
    public static double Score(double down, double up) => Math.Max(down, 1e-6) * Math.Max(up, 1e-6);
}
