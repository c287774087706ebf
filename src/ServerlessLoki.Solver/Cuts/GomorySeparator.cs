using ServerlessLoki.Solver.Simplex;

namespace ServerlessLoki.Solver.Cuts;

/// <summary>
/// Gomory mixed-integer cuts from the rows of an optimal tableau. Cuts that are dense, badly scaled or hardly broken are
/// discarded: they cost more than they prove.
/// </summary>
internal sealed class GomorySeparator
{
    private const double LeastFraction = 0.01;
    private const double LeastEfficacy = 1e-4;
    private const double MostDynamism = 1e6;
    private const int MostPerRound = 40;

    private readonly LinearProgram _lp;
    private readonly double[] _dense;
    private readonly double[] _step;

    public GomorySeparator(LinearProgram lp)
    {
        _lp = lp;
        _dense = new double[lp.ColumnCount];
        _step = new double[lp.ColumnCount + lp.RowCount];
        for (var j = 0; j < lp.ColumnCount; j++)
            _step[j] = lp.IsInteger[j] ? 1 : 0;
        for (var i = 0; i < lp.RowCount; i++)
            _step[lp.ColumnCount + i] = RowStep(i);
    }

    /// <summary>Finds cuts that the solved relaxation violates, best first.</summary>
    public List<CutRow> Separate(SimplexSolver simplex)
    {
        var found = new List<(CutRow Cut, double Efficacy)>();
        var positions = new List<(int Position, double Fraction)>();
        for (var p = 0; p < simplex.Head.Length; p++)
        {
            var j = simplex.Head[p];
            if (j >= _lp.ColumnCount || !_lp.IsInteger[j])
                continue;
            var fraction = simplex.Values[j] - Math.Floor(simplex.Values[j]);
            if (fraction > LeastFraction && fraction < 1 - LeastFraction)
                positions.Add((p, Math.Abs(fraction - 0.5)));
        }

        positions.Sort(static (a, b) => a.Fraction != b.Fraction ? a.Fraction.CompareTo(b.Fraction) : a.Position.CompareTo(b.Position));
        foreach (var (position, _) in positions.Take(MostPerRound * 3 / 2))
        {
            if (Cut(simplex, position) is { } cut)
                found.Add(cut);
        }

        return Choose(found);
    }

    // Efficient ones first, and no two that say nearly the same.
    private List<CutRow> Choose(List<(CutRow Cut, double Efficacy)> found)
    {
        found.Sort(static (a, b) => b.Efficacy.CompareTo(a.Efficacy));
        var chosen = new List<CutRow>();
        foreach (var (cut, _) in found)
        {
            if (chosen.Count == MostPerRound)
                break;
            if (chosen.TrueForAll(other => Parallelism(cut, other) < 0.9))
                chosen.Add(cut);
        }

        return chosen;
    }

    private double Parallelism(CutRow a, CutRow b)
    {
        for (var k = 0; k < a.Columns.Length; k++)
            _dense[a.Columns[k]] = a.Values[k];
        double dot = 0, normA = 0, normB = 0;
        for (var k = 0; k < b.Columns.Length; k++)
        {
            dot += _dense[b.Columns[k]] * b.Values[k];
            normB += b.Values[k] * b.Values[k];
        }

        for (var k = 0; k < a.Columns.Length; k++)
        {
            _dense[a.Columns[k]] = 0;
            normA += a.Values[k] * a.Values[k];
        }

        return dot / Math.Sqrt(normA * normB);
    }

    // x_B + Σ ā_j·t_j = β with t_j ≥ 0 the distances from the bounds gives Σ γ_j·t_j ≥ f₀; then t goes back to columns.
    private (CutRow Cut, double Efficacy)? Cut(SimplexSolver simplex, int position)
    {
        var variables = simplex.Tableau(position, out var row);
        var value = simplex.Values[simplex.Head[position]];
        var f0 = value - Math.Floor(value);
        Array.Clear(_dense);
        var right = f0;
        foreach (var j in variables)
        {
            var status = simplex.Status[j];
            if (Math.Abs(row[j]) < 1e-11 || simplex.Lower[j] == simplex.Upper[j])
                continue;
            if (status == VariableStatus.Free)
                return null;
            var sign = status == VariableStatus.AtLower ? 1 : -1;
            var bound = sign > 0 ? simplex.Lower[j] : simplex.Upper[j];
            var weight = Weight(sign * row[j], f0, _step[j], bound) * sign;
            if (weight == 0)
                continue;
            right += weight * bound;
            Add(j, weight);
        }

        return Finish(simplex, right);
    }

    private static double Weight(double a, double f0, double step, double bound)
    {
        // A variable in steps of s at a multiple of s counts as the integer t/s.
        if (step > 0 && Math.Abs((bound / step) - Math.Round(bound / step)) < 1e-9)
        {
            var f = (a * step) - Math.Floor(a * step);
            if (f is < 1e-10 or > 1 - 1e-10)
                return 0;
            return (f <= f0 ? f : f0 * (1 - f) / (1 - f0)) / step;
        }

        return a >= 0 ? a : f0 * -a / (1 - f0);
    }

    private void Add(int variable, double weight)
    {
        if (variable < _lp.ColumnCount)
        {
            _dense[variable] += weight;
            return;
        }

        var i = variable - _lp.ColumnCount;
        for (var k = _lp.ByRowStarts[i]; k < _lp.ByRowStarts[i + 1]; k++)
            _dense[_lp.ByRowColumns[k]] += weight * _lp.ByRowValues[k];
    }

    private (CutRow Cut, double Efficacy)? Finish(SimplexSolver simplex, double right)
    {
        var largest = 0.0;
        foreach (var v in _dense)
            largest = Math.Max(largest, Math.Abs(v));
        if (largest < 1e-9)
            return null;
        var (columns, values) = (new List<int>(), new List<double>());
        var (activity, norm) = (0.0, 0.0);
        for (var j = 0; j < _dense.Length; j++)
        {
            var v = _dense[j];
            if (v == 0)
                continue;
            if (Math.Abs(v) < largest / MostDynamism)
            {
                // A coefficient too small to keep: replaced by the most that its term can reach.
                var reach = v > 0 ? simplex.Upper[j] : simplex.Lower[j];
                if (double.IsInfinity(reach))
                    return null;
                right -= v * reach;
                continue;
            }

            columns.Add(j);
            values.Add(v / largest);
            activity += v / largest * simplex.Values[j];
            norm += v / largest * (v / largest);
        }

        right /= largest;
        right -= 1e-10 * Math.Max(1, Math.Abs(right));
        var efficacy = (right - activity) / Math.Sqrt(norm);
        if (efficacy < LeastEfficacy || columns.Count > 40 + (_dense.Length / 2) || double.IsNaN(efficacy))
            return null;
        return (new CutRow(right, [.. columns], [.. values]), efficacy);
    }

    // The activity of a row of integer columns moves in steps when its unscaled coefficients are whole.
    private double RowStep(int row)
    {
        var scale = _lp.RowScale[row];
        for (var k = _lp.ByRowStarts[row]; k < _lp.ByRowStarts[row + 1]; k++)
        {
            var whole = _lp.ByRowValues[k] / scale;
            if (!_lp.IsInteger[_lp.ByRowColumns[k]] || Math.Abs(whole - Math.Round(whole)) > 1e-12)
                return 0;
        }

        return scale;
    }
}
