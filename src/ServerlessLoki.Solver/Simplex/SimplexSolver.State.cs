namespace ServerlessLoki.Solver.Simplex;

internal sealed partial class SimplexSolver
{
    private readonly byte[] _savedStatus;
    private readonly int[] _savedHead;
    private readonly double[] _savedValue;
    private readonly double[] _savedReduced;
    private readonly double[] _savedWeight;
    private int _savedUpdates;
    private bool _savedReducedIsFresh;
    private bool _savedValuesAreFresh;

    /// <summary>Saves the optimal state, factors included, for <see cref="RestoreState"/>.</summary>
    public void SaveState()
    {
        // Trials may add half the allowed updates before they give up.
        if (_factor.UpdateCount > _factor.UpdateLimit / 2)
        {
            RestoreCosts();
            Refactor();
        }

        _status.CopyTo(_savedStatus, 0);
        _head.CopyTo(_savedHead, 0);
        _value.CopyTo(_savedValue, 0);
        _reduced.CopyTo(_savedReduced, 0);
        _weight.CopyTo(_savedWeight, 0);
        _savedUpdates = _factor.UpdateCount;
        (_savedReducedIsFresh, _savedValuesAreFresh) = (_reducedIsFresh, _valuesAreFresh);
    }

    /// <summary>Restores the state of <see cref="SaveState"/>; only under <see cref="KeepFactor"/>.</summary>
    public void RestoreState()
    {
        _savedStatus.CopyTo(_status, 0);
        _savedHead.CopyTo(_head, 0);
        _savedValue.CopyTo(_value, 0);
        _savedReduced.CopyTo(_reduced, 0);
        _savedWeight.CopyTo(_weight, 0);
        _factor.UpdateCount = _savedUpdates;
        (_reducedIsFresh, _valuesAreFresh) = (_savedReducedIsFresh, _savedValuesAreFresh);
    }
}
