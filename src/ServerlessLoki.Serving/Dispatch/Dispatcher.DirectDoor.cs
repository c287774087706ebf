using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Early refusal of direct inferences, before their body is read.</summary>
internal sealed partial class Dispatcher
{
    /// <summary>Refuses a direct inference before its body is read: its time is over, its variant cannot answer in time after the waiting
    /// work, or too many queries are pending. Other faults are reported once the body is read.</summary>
    public VariantResult? RefuseEarly(int pipeline, int task, int variant, TimeSpan latency, TimeSpan age)
    {
        if (_routing is not { } routing)
            return null;
        var left = latency - age;
        if (left <= TimeSpan.Zero)
            return new VariantResult(QueryOutcome.Expired, "The deadline passed before the request had arrived.", []);
        if (PendingCount >= _maxPending)
            return TooMany();
        var option = routing.Table.Option(pipeline, task, variant);
        var leftUs = left.TotalMicroseconds;
        var backlogUs = routing.Waiting.BeforeUs(_clock.NowUs + (long)(leftUs + (option?.ReservedBelowUs ?? 0)));
        if (backlogUs <= 0 || backlogUs + (option?.SingleUs ?? 0) <= leftUs)
            return null;
        var refusal = TooLate(backlogUs, option?.SingleUs ?? 0);
        return new VariantResult(refusal.Outcome, refusal.Error, [], refusal.RetryAfter);
    }

    private VariantResult TooMany() => new(
        QueryOutcome.Rejected, $"{_maxPending} queries are already waiting.", [], TimeSpan.FromMicroseconds(_routing?.Waiting.BeforeUs(long.MaxValue) ?? 1e6));
}
