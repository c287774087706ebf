namespace ServerlessLoki.Serving.Queries;

/// <summary>A join for which nothing more can come: it is to run on what has arrived.</summary>
/// <param name="Task">Task index of the join.</param>
/// <param name="Credit">The weight that was kept for it.</param>
/// <param name="Fork">The item whose branches it joins.</param>
/// <param name="Arrivals">At least one, in the order of their weight: the same whatever the timing was.</param>
internal sealed record ReadyJoin(int Task, Credit Credit, Fork Fork, IReadOnlyList<(StageItem From, Credit Credit, JoinInput Input)> Arrivals)
{
    /// <summary>Mean product of accuracies of what arrived.</summary>
    public double Accuracy => Arrivals.Average(a => a.From.Accuracy);
}
