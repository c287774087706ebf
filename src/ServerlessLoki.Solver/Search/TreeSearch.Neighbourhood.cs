using ServerlessLoki.Solver.Cuts;
using ServerlessLoki.Solver.Presolve;

namespace ServerlessLoki.Solver.Search;

internal sealed partial class TreeSearch
{
    private const int FewestColumns = 60;

    // Below this, a small tree proves the optimum before such searches have paid.
    private const int FewestColumnsAtRoot = 200;
    private const double WorkShare = 0.4;
    private const long FirstNodes = 100;
    private const long MostNodes = 3000;

    private long _neighbourhoodNodes = FirstNodes;
    private Neighbourhood _neighbourhood = Neighbourhood.Disagreement;
    private long _nextNeighbourhood;
    private long _innerIterations;
    private double _innerWork;

    /// <summary>True for a search inside another one, which starts no further ones.</summary>
    public bool IsInner { get; init; }

    /// <summary>Limits the search to solutions whose reduced objective is below <paramref name="cutoff"/>.</summary>
    public void LimitTo(double cutoff) => _incumbent.LimitTo(cutoff);

    // Large programs: most integer columns of a good solution are where the relaxation, or the best solution so far, has
    // them. The small program of the others is searched on its own, for a share of the work of the search itself.
    private void TryNeighbourhoods(double nodeBound)
    {
        if (IsInner || _integers.Length < (_nodes == 1 ? FewestColumnsAtRoot : FewestColumns) || (_nodes > 1 && _nodes < _nextNeighbourhood))
            return;
        var bound = Math.Min(nodeBound, _pool.LeastBound);
        if (_nodes == 1 && IsWorthwhile(bound))
            SearchNeighbourhood(Neighbourhood.Rounding);
        for (var failures = 0; failures < 2 && _incumbent.Exists && IsWorthwhile(bound);)
        {
            var before = _incumbent.Objective;
            SearchNeighbourhood(_neighbourhood);
            if (_incumbent.Objective < before)
            {
                failures = 0;
                continue;
            }

            failures++;
            if (_neighbourhood == Neighbourhood.Support)
                _neighbourhoodNodes = Math.Min(2 * _neighbourhoodNodes, MostNodes);
            _neighbourhood = _neighbourhood == Neighbourhood.Support ? Neighbourhood.Disagreement : Neighbourhood.Support;
        }

        _nextNeighbourhood = _nodes + 20;
    }

    private bool IsWorthwhile(double bound) =>
        !_clock.IsOver()
        && _innerWork < WorkShare * _simplex.Iterations * _simplex.Values.Length
        && _incumbent.Objective - bound > _incumbent.Tolerance;

    private void SearchNeighbourhood(Neighbourhood kind)
    {
        // Building the small program costs about as much as a pass over the large one.
        _innerWork += 10.0 * _lp.Values.Length;
        var program = _reduced.Original;
        var (lower, upper) = (_reduced.FixedValues.ToArray(), _reduced.FixedValues.ToArray());
        var held = 0;
        for (var j = 0; j < _lp.ColumnCount; j++)
        {
            var column = _reduced.Columns[j];
            (lower[column], upper[column]) = _lp.IsInteger[j]
                ? Range(j, kind)
                : (program.ColumnLower[column], program.ColumnUpper[column]);
            held += lower[column] == upper[column] ? 1 : 0;
        }

        if (2 * held < _integers.Length)
            return;
        var reduced = Presolver.Run(program.WithBounds(lower, upper));
        if (!reduced.IsFeasible)
            return;
        var cutoff = _incumbent.Cutoff + _reduced.Offset - reduced.Offset;
        var (strengthened, basis) = RootCuts.Strengthen(reduced, null, _clock, cutoff);
        var search = new TreeSearch(strengthened, _options with { NodeLimit = _neighbourhoodNodes }, _clock) { IsInner = true };
        search.LimitTo(cutoff);
        search.Run(basis, null);
        _innerIterations += search.Iterations;
        _innerWork += (search.Iterations + 50.0) * search._simplex.Values.Length;
        if (!search.Best.Exists)
            return;
        var scaled = new double[_lp.ColumnCount];
        for (var j = 0; j < scaled.Length; j++)
            scaled[j] = search.Best.Values[_reduced.Columns[j]] / _lp.ColumnScale[j];
        _incumbent.Offer(scaled);
    }

    private (double Lower, double Upper) Range(int j, Neighbourhood kind)
    {
        var x = _simplex.Values[j];
        var isFree = kind switch
        {
            Neighbourhood.Rounding => false,
            Neighbourhood.Disagreement => Math.Abs(x - _incumbent.Scaled[j]) >= Integrality,
            _ => Math.Max(x, _incumbent.Scaled[j]) > _rootLower[j] + Integrality,
        };
        if (isFree)
            return (_rootLower[j], _rootUpper[j]);
        return kind == Neighbourhood.Rounding
            ? (Math.Floor(x + Integrality), Math.Ceiling(x - Integrality))
            : (_incumbent.Scaled[j], _incumbent.Scaled[j]);
    }
}
