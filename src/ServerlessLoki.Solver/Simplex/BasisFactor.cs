namespace ServerlessLoki.Solver.Simplex;

/// <summary>
/// Sparse LU factors of a basis matrix, followed by product-form updates. Vectors are indexed by row on the outside of
/// B⁻¹ and by basis position on its inside. Planning bases are almost triangular: singletons are peeled off first, and
/// only the remaining nucleus is eliminated, sparsest column first with threshold pivoting.
/// </summary>
internal sealed partial class BasisFactor
{
    private const double SingularTolerance = 1e-11;

    private readonly LinearProgram _lp;
    private readonly int _rowCount;

    // U by pivot step: position and row of the pivot, its value, and the entries in rows of earlier steps.
    private readonly int[] _pivotRow;
    private readonly int[] _pivotPosition;
    private readonly double[] _pivotValue;
    private readonly int[] _upperStart;
    private int[] _upperRow;
    private double[] _upperValue;

    // L as elimination columns in order; most steps have none.
    private readonly int[] _lowerPivotRow;
    private readonly int[] _lowerStart;
    private int[] _lowerRow;
    private double[] _lowerValue;
    private int _lowerCount;

    // Product-form updates.
    private readonly int[] _etaPosition;
    private readonly double[] _etaPivot;
    private readonly int[] _etaStart;
    private int[] _etaIndex;
    private double[] _etaValue;

    public BasisFactor(LinearProgram lp, int updateLimit)
    {
        _lp = lp;
        var m = _rowCount = lp.RowCount;
        UpdateLimit = updateLimit;
        _pivotRow = new int[m];
        _pivotPosition = new int[m];
        _pivotValue = new double[m];
        _upperStart = new int[m + 1];
        _upperRow = new int[Math.Max(16, lp.Rows.Length)];
        _upperValue = new double[_upperRow.Length];
        _lowerPivotRow = new int[m];
        _lowerStart = new int[m + 1];
        _lowerRow = new int[Math.Max(16, lp.Rows.Length)];
        _lowerValue = new double[_lowerRow.Length];
        _etaPosition = new int[updateLimit];
        _etaPivot = new double[updateLimit];
        _etaStart = new int[updateLimit + 1];
        _etaIndex = new int[Math.Max(16, 8 * m)];
        _etaValue = new double[_etaIndex.Length];
        _columnActive = new int[m];
        _rowActive = new int[m];
        _rowStart = new int[m + 1];
        _rowPositions = new int[Math.Max(16, lp.Rows.Length)];
        _rowDone = new bool[m];
        _positionDone = new bool[m];
        _queue = new int[m];
        _work = new double[m];
        _touched = new int[m];
        _isTouched = new bool[m];
        _nucleusRow = new bool[m];
    }

    /// <summary>Most updates before the basis must be factored again.</summary>
    public int UpdateLimit { get; }

    /// <summary>Updates since the last factorisation. May be set back to undo the latest ones.</summary>
    public int UpdateCount { get; set; }

    /// <summary>Solves B·w = v. <paramref name="byRow"/> is left zero; <paramref name="byPosition"/> is overwritten.</summary>
    public unsafe void Forward(double[] byRow, double[] byPosition)
    {
        // Pointers: with bounds checks these loops take a third of a solve longer. Indices come from Factorise and Update.
        fixed (double* v = byRow, w = byPosition, lowerValue = _lowerValue, upperValue = _upperValue, etaValue = _etaValue, pivotValue = _pivotValue)
        fixed (int* lowerRow = _lowerRow, lowerStart = _lowerStart, upperRow = _upperRow, upperStart = _upperStart, etaIndex = _etaIndex)
        fixed (int* pivotRow = _pivotRow, pivotPosition = _pivotPosition, etaStart = _etaStart)
        {
            for (var c = 0; c < _lowerCount; c++)
            {
                var t = v[_lowerPivotRow[c]];
                if (t == 0)
                    continue;
                for (var k = lowerStart[c]; k < lowerStart[c + 1]; k++)
                    v[lowerRow[k]] -= lowerValue[k] * t;
            }

            for (var step = _rowCount - 1; step >= 0; step--)
            {
                var t = v[pivotRow[step]];
                if (t == 0)
                {
                    w[pivotPosition[step]] = 0;
                    continue;
                }

                v[pivotRow[step]] = 0;
                t /= pivotValue[step];
                w[pivotPosition[step]] = t;
                for (var k = upperStart[step]; k < upperStart[step + 1]; k++)
                    v[upperRow[k]] -= upperValue[k] * t;
            }

            for (var e = 0; e < UpdateCount; e++)
            {
                var t = w[_etaPosition[e]];
                if (t == 0)
                    continue;
                t /= _etaPivot[e];
                w[_etaPosition[e]] = t;
                for (var k = etaStart[e]; k < etaStart[e + 1]; k++)
                    w[etaIndex[k]] -= etaValue[k] * t;
            }
        }
    }

    /// <summary>Solves Bᵀ·y = c. <paramref name="byPosition"/> is left zero; <paramref name="byRow"/> is overwritten.</summary>
    public unsafe void Backward(double[] byPosition, double[] byRow)
    {
        fixed (double* c = byPosition, y = byRow, lowerValue = _lowerValue, upperValue = _upperValue, etaValue = _etaValue, pivotValue = _pivotValue)
        fixed (int* lowerRow = _lowerRow, lowerStart = _lowerStart, upperRow = _upperRow, upperStart = _upperStart, etaIndex = _etaIndex)
        fixed (int* pivotRow = _pivotRow, pivotPosition = _pivotPosition, etaStart = _etaStart)
        {
            for (var e = UpdateCount - 1; e >= 0; e--)
            {
                var t = c[_etaPosition[e]];
                for (var k = etaStart[e]; k < etaStart[e + 1]; k++)
                    t -= etaValue[k] * c[etaIndex[k]];
                c[_etaPosition[e]] = t / _etaPivot[e];
            }

            for (var step = 0; step < _rowCount; step++)
            {
                var t = c[pivotPosition[step]];
                c[pivotPosition[step]] = 0;
                for (var k = upperStart[step]; k < upperStart[step + 1]; k++)
                    t -= upperValue[k] * y[upperRow[k]];
                y[pivotRow[step]] = t == 0 ? 0 : t / pivotValue[step];
            }

            for (var e = _lowerCount - 1; e >= 0; e--)
            {
                var t = y[_lowerPivotRow[e]];
                for (var k = lowerStart[e]; k < lowerStart[e + 1]; k++)
                    t -= lowerValue[k] * y[lowerRow[k]];
                y[_lowerPivotRow[e]] = t;
            }
        }
    }

    /// <summary>Replaces the basic column at <paramref name="position"/> by the one whose B⁻¹ image is given.</summary>
    public void Update(int position, double[] image)
    {
        var at = _etaStart[UpdateCount];
        if (at + _rowCount > _etaIndex.Length)
        {
            Array.Resize(ref _etaIndex, 2 * _etaIndex.Length);
            Array.Resize(ref _etaValue, _etaIndex.Length);
        }

        for (var i = 0; i < _rowCount; i++)
        {
            var value = image[i];
            if (i == position || Math.Abs(value) < 1e-14)
                continue;
            _etaIndex[at] = i;
            _etaValue[at++] = value;
        }

        _etaPosition[UpdateCount] = position;
        _etaPivot[UpdateCount] = image[position];
        _etaStart[++UpdateCount] = at;
    }
}
