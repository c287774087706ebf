namespace ServerlessLoki.Pipelines;

/// <summary>What values a pipeline's parameter has.</summary>
public enum ParameterKind
{
    /// <summary>Characters.</summary>
    Text,

    /// <summary>Any number.</summary>
    Number,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>True or false.</summary>
    Boolean,
}
