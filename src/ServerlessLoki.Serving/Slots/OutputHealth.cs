using System.Numerics;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Record of whether a variant's recent rows were valid numbers. Thread-safe; costs one read while all are.</summary>
internal sealed class OutputHealth
{
    private const int Window = 16;

    /// <summary>Fewest rows that say anything about a variant.</summary>
    private const int Least = 8;
    private readonly Lock _gate = new();

    // A bit for each row since the first bad one, the last row lowest.
    private uint _bad;
    private int _seen;
    private volatile bool _watches;

    /// <summary>Adds one more row.</summary>
    /// <returns>True when most recent rows were NaN or infinite; the record then starts again.</returns>
    public bool Saw(bool areNumbers)
    {
        if (areNumbers && !_watches)
            return false;
        lock (_gate)
        {
            _bad = ((_bad << 1) | (areNumbers ? 0u : 1u)) & ((1u << Window) - 1);
            _seen = Math.Min(_seen + 1, Window);
            _watches = _bad != 0;
            if (_seen >= Least && BitOperations.PopCount(_bad) * 2 > _seen)
            {
                (_bad, _seen, _watches) = (0, 0, false);
                return true;
            }

            if (!_watches)
                _seen = 0;
            return false;
        }
    }
}
