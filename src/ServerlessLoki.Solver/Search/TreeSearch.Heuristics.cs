using ServerlessLoki.Solver.Simplex;

namespace ServerlessLoki.Solver.Search;

internal sealed partial class TreeSearch
{
    private const int DiveModes = 3;
    private const double CutSlack = 1e-5;

    private readonly double[] _savedLower;
    private readonly double[] _savedUpper;
    private readonly double[] _stepLower;
    private readonly double[] _stepUpper;
    private readonly byte[] _savedStatus;
    private readonly int[] _downLocks;
    private readonly int[] _upLocks;
    private long _nextDive = 10;
    private long _diveGap = 10;
    private int _diveMode;

    // Returns whether anything ran, and so moved the simplex away from the node.
    private bool RunHeuristics()
    {
        // Where a solution is known that others must beat, the tree may find what is better.
        if (_nodes == 1 ? _incumbent.Exists || _options.Cutoff is not null : _nodes < _nextDive)
            return false;
        SaveNode();
        if (_nodes == 1)
        {
            for (var mode = 0; mode < DiveModes && !_incumbent.Exists; mode++)
            {
                Dive(mode);
                RestoreNode();
            }
        }
        else
        {
            var before = _incumbent.Objective;
            Dive(_diveMode++ % DiveModes);
            RestoreNode();
            _diveGap = _incumbent.Objective < before ? 10 : Math.Min(2 * _diveGap, 5000);
        }

        _nextDive = _nodes + _diveGap;
        return true;
    }

    private void SaveNode()
    {
        _bounds.Lower.CopyTo(_savedLower, 0);
        _bounds.Upper.CopyTo(_savedUpper, 0);
        _simplex.Status.CopyTo(_savedStatus, 0);
    }

    private void RestoreNode()
    {
        _bounds.Load(_savedLower, _savedUpper);
        _simplex.LoadBasis(_savedStatus);
        SyncBounds();
        SolveRelaxation(double.PositiveInfinity);
    }

    // Rounds fractional columns, a few at a time, and lets the rows and the relaxation react; one step back on failure.
    private void Dive(int mode)
    {
        for (var depth = 0; depth < 200 && !_clock.IsOver(); depth++)
        {
            CollectFractional();
            if (_fractionalCount == 0)
            {
                TryIncumbent();
                return;
            }

            _bounds.Lower.CopyTo(_stepLower, 0);
            _bounds.Upper.CopyTo(_stepUpper, 0);
            var (first, firstUp) = RoundSome(mode);
            var status = ResolveDive();
            if (status == LpStatus.Optimal)
                continue;
            _bounds.Load(_stepLower, _stepUpper);
            var x = _roundedValue;
            var open = firstUp
                ? _bounds.Tighten(first, double.NegativeInfinity, Math.Floor(x))
                : _bounds.Tighten(first, Math.Ceiling(x), double.PositiveInfinity);
            if (!open || !_bounds.Propagate() || ResolveDive() != LpStatus.Optimal)
                return;
        }
    }

    private bool _diveFeasible;
    private double _roundedValue;

    private LpStatus ResolveDive()
    {
        if (!_diveFeasible)
        {
            _diveFeasible = true;
            return LpStatus.Infeasible;
        }

        SyncBounds();
        return _simplex.Solve(500 + (2 * _lp.RowCount), _incumbent.Cutoff);
    }

    private (int Column, bool Up) RoundSome(int mode)
    {
        // The least costly rounding first, then every other one that is nearly free.
        var (best, bestScore, bestUp) = (-1, double.PositiveInfinity, false);
        for (var f = 0; f < _fractionalCount; f++)
        {
            var (score, up) = RoundingScore(_fractional[f], mode);
            if (score < bestScore)
                (best, bestScore, bestUp) = (_fractional[f], score, up);
        }

        _roundedValue = _simplex.Values[best];
        _diveFeasible = Round(best, bestUp);
        var more = _fractionalCount / 4;
        for (var f = 0; f < _fractionalCount && more > 0 && _diveFeasible; f++)
        {
            var j = _fractional[f];
            var x = _simplex.Values[j];
            var distance = Math.Abs(x - Math.Round(x));
            if (j == best || distance > 0.1 || _bounds.Lower[j] == _bounds.Upper[j])
                continue;
            _diveFeasible = Round(j, Math.Round(x) > x);
            more--;
        }

        return (best, bestUp);
    }

    private bool Round(int j, bool up)
    {
        var x = _simplex.Values[j];
        return (up
            ? _bounds.Tighten(j, Math.Ceiling(x), double.PositiveInfinity)
            : _bounds.Tighten(j, double.NegativeInfinity, Math.Floor(x))) && _bounds.Propagate();
    }

    private (double Score, bool Up) RoundingScore(int j, int mode)
    {
        var x = _simplex.Values[j];
        var fraction = x - Math.Floor(x);
        if (mode == 2 && _incumbent.Exists)
        {
            var target = _incumbent.Scaled[j];
            return (Math.Abs(x - target), target > x);
        }

        if (mode == 1 && _downLocks[j] != _upLocks[j])
        {
            // Away from the rows that could break: likely feasible, at some cost.
            var safeUp = _upLocks[j] < _downLocks[j];
            return (safeUp ? 1 - fraction : fraction, safeUp);
        }

        return fraction > 0.5 ? (1 - fraction, true) : (fraction, false);
    }

    private (int[] Down, int[] Up) CountLocks()
    {
        var (down, up) = (new int[_lp.ColumnCount], new int[_lp.ColumnCount]);
        foreach (var j in _integers)
        {
            for (var k = _lp.Starts[j]; k < _lp.Starts[j + 1]; k++)
            {
                var row = _lp.ColumnCount + _lp.Rows[k];
                var (below, above) = (!double.IsNegativeInfinity(_lp.Lower[row]), !double.IsPositiveInfinity(_lp.Upper[row]));
                if (_lp.Values[k] > 0 ? below : above)
                    down[j]++;
                if (_lp.Values[k] > 0 ? above : below)
                    up[j]++;
            }
        }

        return (down, up);
    }

    // The relaxation is integral to 1e-6: makes it exact by solving for the continuous columns alone.
    private bool TryIncumbent()
    {
        var worst = 0.0;
        foreach (var j in _integers)
            worst = Math.Max(worst, Math.Abs(_simplex.Values[j] - Math.Round(_simplex.Values[j])));
        if (worst <= 1e-10 && _incumbent.Offer(_simplex.Values))
            return true;
        foreach (var j in _integers)
        {
            var x = Math.Clamp(Math.Round(_simplex.Values[j]), _bounds.Lower[j], _bounds.Upper[j]);
            _simplex.Lower[j] = x;
            _simplex.Upper[j] = x;
        }

        LoosenCuts(CutSlack);
        var status = SolveRelaxation(double.PositiveInfinity);
        var accepted = status == LpStatus.Optimal && _incumbent.Offer(_simplex.Values);
        LoosenCuts(0);
        SyncBounds();
        return accepted;
    }

    // Cuts say nothing about whole points, but rounding errors in one may forbid the very best.
    private void LoosenCuts(double slack)
    {
        for (var i = _reduced.Rows.Length; i < _lp.RowCount; i++)
        {
            var side = _lp.Lower[_lp.ColumnCount + i];
            _simplex.Lower[_lp.ColumnCount + i] = side - (slack * Math.Max(1, Math.Abs(side)));
        }
    }

    // The caller's values, as far as rows allow; what they leave open is found by a dive.
    private void TryWarmStart(double[] values)
    {
        SaveNode();
        foreach (var j in _integers)
        {
            var x = Math.Round(values[j]);
            _bounds.Lower.CopyTo(_stepLower, 0);
            _bounds.Upper.CopyTo(_stepUpper, 0);
            if (x < _bounds.Lower[j] || x > _bounds.Upper[j] || !_bounds.Tighten(j, x, x) || !_bounds.Propagate())
                _bounds.Load(_stepLower, _stepUpper);
        }

        SyncBounds();
        if (SolveRelaxation(double.PositiveInfinity) == LpStatus.Optimal)
            Dive(0);
        RestoreNode();
    }
}
