using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>Counts of one pipeline's queries since the start. All members are atomic or thread-safe.</summary>
public sealed class PipelineMetrics(string pipeline)
{
    private readonly long[] _outcomes = new long[Enum.GetValues<QueryOutcome>().Length];
    private long _arrivals;
    private long _urgent;
    private long _urgentRefused;
    private long _accuracyMicros;
    private long _pending;
    private long _beyondSlo;
    private Histogram _window = new();

    /// <summary>Pipeline name.</summary>
    public string Pipeline { get; } = pipeline;

    /// <summary>Queries seen at the ingress, rejected ones included.</summary>
    public long Arrivals => Interlocked.Read(ref _arrivals);

    /// <summary>Arrivals that are demand to plan for. Runs do not count: they use the time that is left, and a plan for them would take
    /// accuracy from other queries.</summary>
    internal long Urgent => Interlocked.Read(ref _urgent);

    /// <summary>Arrivals counted in <see cref="Urgent"/> that were refused because too much work waits.</summary>
    internal long UrgentRefused => Interlocked.Read(ref _urgentRefused);

    /// <summary>Queries admitted and not ended.</summary>
    public long Pending => Interlocked.Read(ref _pending);

    /// <summary>Sum of the expected accuracies of completed queries.</summary>
    public double AccuracySum => Interlocked.Read(ref _accuracyMicros) / 1e6;

    /// <summary>Time from arrival to end of completed queries, microseconds.</summary>
    public Histogram RequestUs { get; internal init; } = new();

    /// <summary>Time left until the deadline at the end of completed queries, microseconds.</summary>
    public Histogram SlackUs { get; internal init; } = new();

    /// <summary>Queries that were completed within their own deadline, but after the SLO, because their callers allowed more
    /// time.</summary>
    public long BeyondSlo => Interlocked.Read(ref _beyondSlo);

    /// <summary>Counts the queries with a given outcome.</summary>
    public long Count(QueryOutcome outcome) => Interlocked.Read(ref _outcomes[(int)outcome]);

    /// <summary>Takes the latencies since the last call of queries that were due within the SLO, microseconds: longer deadlines say nothing
    /// about overload.</summary>
    internal Histogram TakeWindow() => Interlocked.Exchange(ref _window, new Histogram());

    internal void Arrived(bool isUrgent = true)
    {
        Interlocked.Increment(ref _arrivals);
        if (isUrgent)
            Interlocked.Increment(ref _urgent);
    }

    internal void Refused() => Interlocked.Increment(ref _urgentRefused);

    internal void Admitted() => Interlocked.Increment(ref _pending);

    internal void Left() => Interlocked.Decrement(ref _pending);

    /// <summary>Records that a query ended without an answer.</summary>
    internal void Ended(QueryOutcome outcome) => Ended(outcome, default, 0);

    internal void Ended(QueryOutcome outcome, in QueryTimes times, double accuracy)
    {
        Interlocked.Increment(ref _outcomes[(int)outcome]);
        if (outcome != QueryOutcome.Completed)
            return;
        RequestUs.Record(times.LatencyUs);
        if (times.SlackUs is { } slack)
            SlackUs.Record(slack);
        if (times.IsDueWithinSlo)
            Volatile.Read(ref _window).Record(times.LatencyUs);
        if (times.IsBeyondSlo)
            Interlocked.Increment(ref _beyondSlo);
        Interlocked.Add(ref _accuracyMicros, (long)(accuracy * 1e6));
    }
}
