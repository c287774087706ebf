namespace ServerlessLoki.Planning;

/// <summary>Weights that trade accuracy for cost, as in InfAdapter (integer program) and IPA (objective). A plan is worth Accuracy ·
/// accuracy − Cost · cost − Load · slots that load a variant.</summary>
public sealed record ObjectiveWeights
{
    /// <summary>Weight of an accuracy of 1; at least 0. Default 1.</summary>
    public double Accuracy { get; init; } = 1;

    /// <summary>Weight of one unit of cost per hour, or of one slot where no device has a price; at least 0. Default 0.</summary>
    public double Cost { get; init; }

    /// <summary>Weight of loading a variant into one slot; at least 0. Default 0.</summary>
    public double Load { get; init; }
}
