namespace ServerlessLoki.Routing;

/// <summary>The share of a query's time that admission does not count on. It grows while admitted queries end late, for whatever reason the
/// prediction was too good, and shrinks slowly while they do not. Thread-safe.</summary>
public sealed class AdmissionMargin
{
    /// <summary>Half of the time: beyond that the machine is not the one that was profiled, which the slow-down follows.</summary>
    public const double Most = 0.5;

    /// <summary>Kept always: a queue that is filled to the last moment answers no more than a shorter one, and is late at the first hiccup.</summary>
    public const double Least = 0.1;

    /// <summary>An answer that was ready in the last part of its time nearly missed it: the next hiccup would make such a one late.</summary>
    private const double NearShare = 0.08;

    /// <summary>One in a hundred may be late; half of that is aimed at.</summary>
    private const double LateShare = 0.005;
    private const long StepUs = 100_000;

    /// <summary>Slowly: a margin that jumps refuses a crowd at once, whose retries then take the cores, which makes more queries late.</summary>
    private const double Up = 0.02;

    /// <summary>The machine became slower all at once.</summary>
    private const double ManyShare = 0.1;
    private const double FastUp = 0.1;

    /// <summary>Slower still under load: what is kept costs no goodput there, and each return to the edge costs some hundred late ones.</summary>
    private const double Down = 0.0004;
    private const double IdleDown = 0.004;
    private readonly Lock _gate = new();
    private long _stepEndUs;
    private int _ended;
    private int _late;
    private double _share;

    /// <summary>The share: <see cref="Least"/> to <see cref="Most"/>. It shrinks while nobody comes, too: a margin that refuses everybody would see no query that proves it wrong.</summary>
    /// <param name="nowUs">Now.</param>
    public double ShareAt(long nowUs) =>
        Volatile.Read(ref _share) is var share && share > Least ? Math.Max(Least, share - (IdleDown * (Math.Max(0, nowUs - Volatile.Read(ref _stepEndUs)) / StepUs))) : Least;

    /// <summary>An admitted query ended.</summary>
    /// <param name="ownUs">From its arrival to its deadline. What has another time than the SLO says nothing: it may wait on purpose, or have asked for what chance decides.</param>
    /// <param name="deadlineUs">When it was due.</param>
    /// <param name="isExpired">True if it was not answered in time.</param>
    /// <param name="sloUs">Its pipeline's SLO.</param>
    /// <param name="leastUs">Time of its pipeline's fastest path: what is near its end even then says nothing.</param>
    /// <param name="nowUs">Now.</param>
    public void Observe(long ownUs, long deadlineUs, bool isExpired, long sloUs, double leastUs, long nowUs)
    {
        if (ownUs == sloUs)
            Observe(isExpired || nowUs > deadlineUs - Math.Min(NearShare * sloUs, (sloUs - leastUs) / 4), nowUs);
    }

    /// <summary>An admitted query ended.</summary>
    /// <param name="isLate">True if it was late, or nearly.</param>
    /// <param name="nowUs">Now.</param>
    public void Observe(bool isLate, long nowUs)
    {
        lock (_gate)
        {
            _ended++;
            _late += isLate ? 1 : 0;
            if (nowUs < _stepEndUs)
                return;
            // A single one of few is chance.
            var before = ShareAt(nowUs);
            var share = _late <= Math.Max(1, LateShare * _ended) ? before - Down : before + (_late > ManyShare * _ended ? FastUp : Up);
            Volatile.Write(ref _share, Math.Clamp(share, Least, Most));
            (_ended, _late, _stepEndUs) = (0, 0, nowUs + StepUs);
        }
    }
}
