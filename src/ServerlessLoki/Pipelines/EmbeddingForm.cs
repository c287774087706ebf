namespace ServerlessLoki.Pipelines;

/// <summary>Conversion of a model's values into one vector.</summary>
public sealed record EmbeddingForm
{
    /// <summary>Default settings: the mean of all tokens, scaled to length 1.</summary>
    public static EmbeddingForm Default { get; } = new();

    /// <summary>Registered name of the decoder; null = <c>pool</c>.</summary>
    public string? Decoder { get; init; }

    /// <summary>Combination of the token vectors; without effect where the model gives one vector.</summary>
    public Pooling Pooling { get; init; }

    /// <summary>True where the vector is divided by its length (L2), so that a dot product is a cosine.</summary>
    public bool IsNormalised { get; init; } = true;
}
