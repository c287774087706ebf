namespace ServerlessLoki.Pipelines;

/// <summary>Combination of token vectors into one vector.</summary>
public enum Pooling
{
    /// <summary>Mean of the token vectors, padding left out.</summary>
    Mean,

    /// <summary>Vector of the first token, <c>[CLS]</c>.</summary>
    Cls,

    /// <summary>The largest value of each column, padding left out.</summary>
    Max,
}
