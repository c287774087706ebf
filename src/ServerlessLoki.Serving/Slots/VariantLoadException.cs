namespace ServerlessLoki.Serving.Slots;

/// <summary>A variant of a new plan could not be loaded; the plan before stays in force.</summary>
/// <param name="variant">Variant name.</param>
/// <param name="inner">Cause of the failure.</param>
public sealed class VariantLoadException(string variant, Exception inner)
    : Exception($"Variant {variant} could not be loaded: {inner?.Message}", inner)
{
    /// <summary>Variant name.</summary>
    public string Variant { get; } = variant;
}
