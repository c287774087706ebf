namespace ServerlessLoki.Planning.Policies.Infaas;

/// <summary>Change that adds capacity: new replicas, or running ones that switch to a faster variant.</summary>
/// <param name="From">Choice that is replaced; null = free slots are used.</param>
/// <param name="To">Choice that is added.</param>
/// <param name="Count">Replicas that change.</param>
/// <param name="GainQps">Additional rows per second.</param>
/// <param name="Cost">Accuracy lost, summed over replicas: a new replica's distance from the best variant, a switch's drop.</param>
internal sealed record InfaasChange(int? From, int To, int Count, double GainQps, double Cost)
{
    /// <summary>Tests whether this change is better. A change that gains enough comes before one that does not; of two that do the cheaper
    /// one, then the one with fewer new slots; else the one with the larger gain.</summary>
    public bool IsBetterThan(InfaasChange other, double neededQps)
    {
        const double Tie = 1e-9;
        var (enough, otherEnough) = (GainQps >= neededQps - Tie, other.GainQps >= neededQps - Tie);
        if (enough != otherEnough)
            return enough;
        if (!enough)
            return GainQps > other.GainQps + Tie;
        if (Math.Abs(Cost - other.Cost) > Tie)
            return Cost < other.Cost;
        var (taken, otherTaken) = (From is null ? Count : 0, other.From is null ? other.Count : 0);
        return taken != otherTaken ? taken < otherTaken : GainQps > other.GainQps + Tie;
    }
}
