using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>What the door knows before a query is admitted.</summary>
internal sealed partial class Dispatcher
{
    /// <summary>Completes answers that go over a wire; null = the thread pool does.</summary>
    public AnswerThread? Answers { get; set; }

    /// <summary>The last part of the queue, kept for callers that wait as they are told: under lasting overload the others fill it up to there.</summary>
    private const double WaitingShare = 0.03;

    /// <summary>What admission keeps of a query's time, because its predictions were too good lately.</summary>
    private readonly AdmissionMargin[] _margins;

    /// <summary>Refuses a query before its body is read: no variant could answer it in time after what waits before it. What else can be
    /// wrong with it is said once it is read.</summary>
    public QueryResult? RefuseEarly(int pipeline, TimeSpan? latency, TimeSpan age, bool isTooSoon = false)
    {
        // A deadline that nothing could keep is a fault of the request.
        if (latency?.TotalMicroseconds < _leastUs[pipeline])
            return null;
        if (_routing is not { } routing || routing.Table.MinRemainingUs(pipeline, 0) is var leastUs && double.IsInfinity(leastUs))
            return null;
        var nowUs = _clock.NowUs;
        var arrivalUs = nowUs - (long)age.TotalMicroseconds;
        var deadlineUs = arrivalUs + (latency is { } own ? (long)own.TotalMicroseconds : _pipelines[pipeline].SloUs);
        var backlogUs = routing.Waiting.BeforeUs(deadlineUs);
        var isTooOld = nowUs + leastUs > deadlineUs && nowUs - arrivalUs > (deadlineUs - arrivalUs) / 2;
        if (!isTooOld && (backlogUs <= 0 || backlogUs + leastUs <= deadlineUs - KeptUs(pipeline, 0, isTooSoon, arrivalUs, deadlineUs, nowUs) - nowUs))
            return null;
        AtTheDoor(pipeline, nowUs - arrivalUs);
        Arrived(pipeline, nowUs, latency is null ? null : deadlineUs - arrivalUs, 0, isRun: false);
        var refusal = isTooOld ? Overwhelmed(age, backlogUs) : TooLate(backlogUs, routing.RootCostUs[pipeline]);
        return Refused(pipeline, $"q{(ulong)Interlocked.Increment(ref _sequence)}", arrivalUs, refusal, isRun: false);
    }

    /// <summary>It was never admitted, so it is refused and not late: more requests come than the host can even refuse at once.</summary>
    private static Refusal Overwhelmed(TimeSpan age, double backlogUs) => new(
        QueryOutcome.Rejected, $"The request waited {age.TotalMilliseconds:0} ms before it could be looked at, so it would miss its deadline.",
        TimeSpan.FromMicroseconds(Math.Max(backlogUs, age.TotalMicroseconds)));

    /// <summary>Counts the time from the first byte on, up to the SLO: a slow upload is its sender's, and says nothing about others.</summary>
    private void AtTheDoor(int pipeline, long us) => _metrics.DoorUs.Record(Math.Min(us, _pipelines[pipeline].SloUs));

    private static Refusal TooLate(double backlogUs, double costUs) => new(
        QueryOutcome.Rejected, $"About {backlogUs / 1000:0} ms of work wait before this query, so it would miss its deadline.",
        TimeSpan.FromMicroseconds(Math.Max(backlogUs, costUs)));

    /// <summary>What admission does not count on of a query's time, microseconds: its own decoding, and the margin.</summary>
    private long KeptUs(int pipeline, double decodeUs, bool isTooSoon, long arrivalUs, long deadlineUs, long nowUs)
    {
        if (deadlineUs == long.MaxValue)
            return 0;
        var share = _margins[pipeline].ShareAt(nowUs) + (isTooSoon ? WaitingShare : 0);
        return (long)(decodeUs + (share * (deadlineUs - arrivalUs)));
    }
}
