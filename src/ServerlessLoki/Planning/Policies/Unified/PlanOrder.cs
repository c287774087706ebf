namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Order of plans: first by the amount served, then by accuracy, then by cost; or by the objective's weights between plans that
/// serve as much. Differences that a rehearsal cannot tell apart do not count.</summary>
internal sealed class PlanOrder
{
    private const double SameCost = 0.01;
    private readonly PlanningProblem _problem;
    private readonly UnifiedOptions _options;

    public PlanOrder(PlanningProblem problem, UnifiedOptions options)
    {
        (_problem, _options) = (problem, options);
        BestAccuracy = OrderBounds.Accuracy(problem);
    }

    /// <summary>Accuracy that no plan can exceed, 0..1.</summary>
    public double BestAccuracy { get; }

    /// <summary>Tests whether a plan serves all demand, and in time.</summary>
    public bool Holds(Tried tried) => tried.Served >= 1 && tried.Plan.ServedShare.All(s => s >= 1) && tried.Worst <= _options.MissedShare;

    /// <summary>Tests whether no other plan needs to be tried: all is served in time, by the plan of a whole search or with the best
    /// variants.</summary>
    /// <remarks>A plan without head-room promises more accuracy than one with it, and a short rehearsal of the past may not show the lack. It would win in
    /// some periods and lose in others: each change swaps models, and a burst between them is late.</remarks>
    public bool IsSettled(Tried tried) => Holds(tried)
        && (tried.IsWhole || tried.Plan.Accuracy >= BestAccuracy - _options.SwapAccuracy || (_problem.Options.Objective is not null && tried.Plan.Proof.Gap <= _options.Gap));

    /// <summary>True if a plan would be better, served as it is planned; or may be, where both shed: queues carry more than is planned, and how much more
    /// only rehearsals show.</summary>
    public bool Promises(Plan plan, Tried best) =>
        (Share(best.Plan) < 1 && Share(plan) >= Share(best.Plan) - _options.MissedShare)
        || Compare(Share(plan), plan.Accuracy, Cost(plan), best.Served, best.Accuracy, Cost(best.Plan)) > 0;

    /// <summary>Tests whether a rehearsed plan is better than another.</summary>
    public bool IsBetter(Tried plan, Tried than) => Compare(plan.Served, plan.Accuracy, Cost(plan.Plan), than.Served, than.Accuracy, Cost(than.Plan)) > 0;

    private int Compare(double served, double accuracy, double cost, double otherServed, double otherAccuracy, double otherCost)
    {
        if (Math.Abs(served - otherServed) > _options.MissedShare)
            return served.CompareTo(otherServed);
        if (_problem.Options.Objective is { } worth)
            return ((worth.Accuracy * accuracy) - (worth.Cost * cost)).CompareTo((worth.Accuracy * otherAccuracy) - (worth.Cost * otherCost));
        if (Math.Abs(accuracy - otherAccuracy) > _options.SwapAccuracy)
            return accuracy.CompareTo(otherAccuracy);
        return Math.Abs(cost - otherCost) > SameCost * otherCost && !_problem.Options.FillLeftover ? otherCost.CompareTo(cost) : 0;
    }

    // Where nothing has a price, slots are the cost.
    private double Cost(Plan plan) => _problem.Devices.Any(d => d.PricePerHour > 0) ? plan.CostPerHour : plan.SlotsTaken;

    private double Share(Plan plan)
    {
        var demand = _problem.Pipelines.Sum(p => p.DemandQps);
        return demand <= 0 ? plan.ServedShare.Average() : plan.ServedShare.Select((s, p) => s * _problem.Pipelines[p].DemandQps).Sum() / demand;
    }
}
