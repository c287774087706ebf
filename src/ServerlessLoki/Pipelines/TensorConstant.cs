using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>Value of a model input that never changes: numbers or texts, one for all elements or one for each, row-major.</summary>
public sealed record TensorConstant
{
    /// <summary>Numbers; empty for texts.</summary>
    public ImmutableArray<double> Numbers { get; init; } = [];

    /// <summary>Texts; empty for numbers.</summary>
    public ImmutableArray<string> Texts { get; init; } = [];

    /// <summary>Number of values; at least 1.</summary>
    public int Count => Numbers.Length + Texts.Length;
}
