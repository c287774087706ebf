namespace ServerlessLoki.Forecasting;

/// <summary>Estimate of how many of one pipeline's arrivals are demand and not retries. Not thread-safe.</summary>
/// <remarks>
/// <para>A refused client that asks again at once makes as many arrivals as the network carries, and would be served by one place. So refused
/// queries count up to <see cref="MostRefusedPerTaken"/> times as many as were taken meanwhile.</para>
/// <para>Queries that come whatever the answers were are counted rightly while at least a quarter of them is taken. Beyond, the demand is
/// too low by what exceeds four times the service; it is above what is served all the same, so a plan goes on to the fastest variants and a
/// fleet grows, and with either the count follows. Eager clients are counted at most four times what is answered, whatever their number.</para>
/// </remarks>
public sealed class DemandCount
{
    /// <summary>Refused queries that are believed to be different ones, per query taken.</summary>
    public const int MostRefusedPerTaken = 3;

    /// <summary>Refused queries per second that always count as demand. Without them the demand of a pipeline that takes none would stay
    /// unknown.</summary>
    public const int AlwaysBelievedQps = 32;
    private long _nowUs;
    private long _arrivals;
    private long _refused;

    /// <summary>Fraction of a query, in millionths, that is carried over to the next call.</summary>
    private long _part;

    /// <summary>Demand until now, queries.</summary>
    public long Total { get; private set; }

    /// <summary>Arrivals counted by the last <see cref="Take"/>.</summary>
    public long Came { get; private set; }

    /// <summary>Arrivals counted by the last <see cref="Take"/> that are demand.</summary>
    public long Believed { get; private set; }

    /// <summary>Counts the arrivals since the last call, which is a fraction of a second or more ago.</summary>
    /// <param name="nowUs">Current time, microseconds from the start.</param>
    /// <param name="arrivals">All arrivals until now, refused ones included.</param>
    /// <param name="refused">Arrivals until now that were refused because too much work waits.</param>
    /// <returns><see cref="Total"/> after the call.</returns>
    public long Take(long nowUs, long arrivals, long refused)
    {
        var turnedAway = refused - _refused;
        Came = arrivals - _arrivals;
        var (always, part) = Math.DivRem(_part + (AlwaysBelievedQps * Math.Max(0, nowUs - _nowUs)), 1_000_000);
        (_nowUs, _arrivals, _refused, _part) = (nowUs, arrivals, refused, part);
        var taken = Math.Max(0, Came - turnedAway);
        Believed = taken + Math.Min(Came - taken, (MostRefusedPerTaken * taken) + always);
        return Total += Believed;
    }
}
