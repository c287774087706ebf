namespace ServerlessLoki.Routing;

/// <summary>Share of a query's time that admission keeps in reserve. The share grows while admitted queries end late, whatever the cause,
/// and shrinks slowly while they do not. Thread-safe.</summary>
public sealed class AdmissionMargin
{
    /// <summary>Largest share. Beyond half of the time the machine is slower than profiled, which the slow-down corrects.</summary>
    public const double Most = 0.5;

    /// <summary>Least share: a queue that is filled to the last moment answers no more queries than a shorter one, and is late at the first
    /// disturbance.</summary>
    public const double Least = 0.1;

    /// <summary>Last part of a query's time, as a share: an answer that was ready within it was nearly late, and the next disturbance would
    /// make such an answer late.</summary>
    private const double NearShare = 0.08;

    /// <summary>Share of late queries to aim at: half of the one in a hundred that may be late.</summary>
    private const double LateShare = 0.005;
    private const long StepUs = 100_000;

    /// <summary>Growth of the share per step with too many late queries. A margin that jumps would refuse many clients at once, whose retries
    /// then take the cores and make more queries late.</summary>
    private const double Up = 0.02;

    /// <summary>Share of late queries in a step from which the margin grows by <see cref="FastUp"/>: the machine became slower all at once.</summary>
    private const double ManyShare = 0.1;
    private const double FastUp = 0.1;

    /// <summary>Decrease of the share per step without too many late queries. It is slower than the growth, since the margin costs no goodput
    /// under load, and each return to the limit costs some hundred late queries.</summary>
    private const double Down = 0.0004;
    private const double IdleDown = 0.004;
    private readonly Lock _gate = new();
    private long _stepEndUs;
    private int _ended;
    private int _late;
    private double _share;

    /// <summary>Returns the share, <see cref="Least"/> to <see cref="Most"/>. It shrinks while no queries come, too: a margin that refuses
    /// every query would never be corrected.</summary>
    /// <param name="nowUs">Current time, microseconds.</param>
    public double ShareAt(long nowUs) =>
        Volatile.Read(ref _share) is var share && share > Least ? Math.Max(Least, share - (IdleDown * (Math.Max(0, nowUs - Volatile.Read(ref _stepEndUs)) / StepUs))) : Least;

    /// <summary>Records that an admitted query ended.</summary>
    /// <param name="ownUs">Time from the query's arrival to its deadline, microseconds. Queries with another time than the SLO are
    /// ignored.</param>
    /// <param name="deadlineUs">Deadline of the query.</param>
    /// <param name="isExpired">True if the query was not answered in time.</param>
    /// <param name="sloUs">SLO of the query's pipeline, microseconds.</param>
    /// <param name="leastUs">Time of the pipeline's fastest path, microseconds: an answer that is near its end even then is
    /// ignored.</param>
    /// <param name="nowUs">Current time, microseconds.</param>
    public void Observe(long ownUs, long deadlineUs, bool isExpired, long sloUs, double leastUs, long nowUs)
    {
        if (ownUs == sloUs)
            Observe(isExpired || nowUs > deadlineUs - Math.Min(NearShare * sloUs, (sloUs - leastUs) / 4), nowUs);
    }

    /// <summary>Records whether an admitted query ended late.</summary>
    /// <param name="isLate">True if the query was late, or nearly.</param>
    /// <param name="nowUs">Current time, microseconds.</param>
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
