namespace ServerlessLoki.Serving.Queries;

/// <summary>Join for which everything has arrived: it runs on the arrivals.</summary>
/// <param name="Task">Task index of the join.</param>
/// <param name="Credit">Weight that was kept for the join.</param>
/// <param name="Fork">Item whose branches the join joins.</param>
/// <param name="Arrivals">Arrivals in the order of their weight, at least one: the order does not depend on timing.</param>
internal sealed record ReadyJoin(int Task, Credit Credit, Fork Fork, IReadOnlyList<(StageItem From, Credit Credit, JoinInput Input)> Arrivals)
{
    /// <summary>Mean product of accuracies of the arrivals.</summary>
    public double Accuracy => Arrivals.Average(a => a.From.Accuracy);
}
