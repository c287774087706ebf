namespace ServerlessLoki.Serving.Stages;

/// <summary>Result of a producer's check of an edge.</summary>
/// <param name="Fault">Reason why the producer cannot fill this child; null if it can.</param>
/// <param name="ParentTensor">True if the producer reads the parent's raw output row, which the query must then keep.</param>
public readonly record struct ProducerNeeds(string? Fault, bool ParentTensor = false)
{
    /// <summary>Result of a producer that needs only the query's image and the parent's row.</summary>
    public static ProducerNeeds Image { get; } = new(null);
}
