using ServerlessLoki.Planning;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Distributed.Ingress;

/// <content>What is published, looked at each period.</content>
public sealed partial class IngressEngine
{
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (_described.Any(s => s.Pipeline.Tensors.IsEmpty))
        {
            // Until all of its variants are there: workers of another release may have published before those of this one.
            var models = await ModelCatalog.ReadAsync(_state, cancellationToken);
            _described = [.. _sources.Select(s => PipelineFit.Described(s, models))];
            _models = models;
        }

        if (await _follower.LookAsync(cancellationToken))
        {
            _dispatcher.Routing = Routing(_follower.Current!);
            _isProfileDue = true;
        }

        await LookAtProfilesAsync(cancellationToken);
        if (await _state.FindDocumentAsync(FleetReport.Name, cancellationToken) is { } fleet)
            _fleet = StateJson.Read<FleetReport>(fleet) is { Devices.IsDefault: false } known ? known : _fleet;
        FailDeserted();
        _served.Look();
        _fault = null;
    }

    /// <summary>Fails direct inferences whose variant has no worker any more: they cannot go to another variant.</summary>
    private void FailDeserted()
    {
        foreach (var direct in _queues.Waiting.OfType<IngressInfer>())
        {
            direct.DesertedUs = _follower.IsServed(direct.Variant) ? null : direct.DesertedUs ?? _clock.NowUs;
            if (_clock.NowUs - direct.DesertedUs >= ServedPipelines.DesertedFor.TotalMicroseconds)
                direct.Query.Fail(QueryOutcome.Unavailable, _served.NobodyRuns(direct.Variant), Dispatcher.PlanChangeIn);
        }
    }

    /// <summary>Reads measured profiles after each new plan: a worker's measurements take effect with the plan that uses them.</summary>
    private async Task LookAtProfilesAsync(CancellationToken cancellationToken)
    {
        if (!_isProfileDue)
            return;
        if (await _profiles.LookAsync(_follower.Current!.Document.Devices.Select(d => d.Name), cancellationToken))
            _dispatcher.Profiled(SingleUs);
        _isProfileDue = false;
    }

    private RoutingState Routing(PublishedPlan plan)
    {
        // Slots that take turns on one device share its time.
        var parallelism = Math.Max(1, (int)Math.Round(plan.Document.Devices.Sum(d => d.Slots * d.SlotShare)));
        var costs = QueryCosts.Of(plan.Document.Plan, plan.Problem, parallelism);
        return new RoutingState(_follower.Table!, new UnansweredBefore(_queues.Unanswered, costs), [.. costs.PerQueryUs]) { Refusal = _served.RefusalOf };
    }
}
