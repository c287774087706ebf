namespace ServerlessLoki.Pipelines;

/// <summary>How the vectors of tokens become one.</summary>
public enum Pooling
{
    /// <summary>Their mean, padding left out.</summary>
    Mean,

    /// <summary>The first one, of the token <c>[CLS]</c>.</summary>
    Cls,

    /// <summary>The largest value of each column, padding left out.</summary>
    Max,
}
