namespace ServerlessLoki.Planning.Policies.Infaas;

/// <summary>A way to more capacity: new replicas, or running ones that switch to a faster variant.</summary>
/// <param name="From">Choice that is replaced; null = free slots are taken.</param>
/// <param name="To">Choice that comes.</param>
/// <param name="Count">Replicas.</param>
/// <param name="GainQps">Rows per second more.</param>
/// <param name="Cost">Accuracy lost, summed over replicas: a new replica's distance from the best variant, a switch's drop.</param>
internal sealed record InfaasChange(int? From, int To, int Count, double GainQps, double Cost)
{
    /// <summary>Enough before not enough; among those enough the cheaper, then fewer new slots; else the larger gain.</summary>
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
