namespace ServerlessLoki.Serving.Stages;

/// <summary>What a producer said about an edge.</summary>
/// <param name="Fault">Why it cannot fill this child; null if it can.</param>
/// <param name="ParentTensor">True if it reads the parent's raw output row, which the query must then keep.</param>
public readonly record struct ProducerNeeds(string? Fault, bool ParentTensor = false)
{
    /// <summary>Works from the query's image and the parent's row alone.</summary>
    public static ProducerNeeds Image { get; } = new(null);
}
