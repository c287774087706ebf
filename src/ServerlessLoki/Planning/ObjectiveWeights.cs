namespace ServerlessLoki.Planning;

/// <summary>What a plan is worth where accuracy is traded for cost, as InfAdapter (integer program) and IPA (objective) trade it:
/// Accuracy · accuracy − Cost · cost − Load · slots that load a variant.</summary>
public sealed record ObjectiveWeights
{
    /// <summary>Worth of an accuracy of 1; at least 0. Default 1.</summary>
    public double Accuracy { get; init; } = 1;

    /// <summary>Worth of one unit of cost per hour, or of one slot where no device has a price; at least 0. Default 0.</summary>
    public double Cost { get; init; }

    /// <summary>Worth of not loading a variant into a slot; at least 0. Default 0.</summary>
    public double Load { get; init; }
}
