using ServerlessLoki.Batching;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>The stage before the root: pictures are decoded after they were admitted, by the threads that compute.</summary>
internal sealed partial class Dispatcher
{
    /// <summary>Receives root items whose image must be decoded first, with the expected time in microseconds; null where this process does
    /// not decode.</summary>
    public Action<StageItem, double>? Decode { get; set; }

    /// <summary>Returns the expected time to decode a query's input, microseconds, 0 where nothing is to be decoded; null where this
    /// process does not decode.</summary>
    public Func<QueryInput, double>? DecodeUs { get; set; }

    /// <summary>Tests whether decoding an image is pointless, because its query cannot be answered in time.</summary>
    public bool IsHopeless(QueryScope scope, long nowUs, double decodeUs)
    {
        var leastUs = _routing?.Table.MinRemainingUs(scope.Pipeline, 0) ?? 0;
        return EarlyDrop.IsHopeless(scope.DeadlineUs, nowUs, decodeUs, double.IsInfinity(leastUs) ? 0 : leastUs);
    }

    /// <summary>Sends a root item whose image is decoded. The plan may have changed while it waited.</summary>
    public void Decoded(StageItem item)
    {
        var (scope, table) = (item.Scope, _routing!.Table);
        if (table.Option(scope.Pipeline, 0, item.Variant) is not null)
        {
            Send(item);
            return;
        }

        var variant = table.ChooseRoot(scope.Pipeline, HashRandom.Unit(item.Key), scope.MinAccuracy);
        if (!SendOn(item, variant, _clock.NowUs))
            scope.Fail(QueryOutcome.Unavailable, NobodyRuns(scope.Pipeline, 0), PlanChangeIn);
    }

    private void Enter(StageItem item, double decodeUs)
    {
        if (decodeUs <= 0)
        {
            Send(item);
            return;
        }

        item.Scope.AddReference();
        item.EnqueuedUs = _clock.NowUs;
        Decode!(item, decodeUs);
    }
}
