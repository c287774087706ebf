namespace ServerlessLoki.Pipelines;

/// <summary>How a model's values become one vector.</summary>
public sealed record EmbeddingForm
{
    /// <summary>Nothing is said: the mean of all tokens, of length 1.</summary>
    public static EmbeddingForm Default { get; } = new();

    /// <summary>Registered name of the decoder; null = <c>pool</c>.</summary>
    public string? Decoder { get; init; }

    /// <summary>What becomes of the vectors of single tokens; of no meaning where the model gives one vector.</summary>
    public Pooling Pooling { get; init; }

    /// <summary>True where the vector is divided by its length (L2), so that a dot product is a cosine.</summary>
    public bool IsNormalised { get; init; } = true;
}
