namespace ServerlessLoki.Serving.Models.Profiling;

/// <summary>What is measured.</summary>
/// <param name="Variant">Variant name.</param>
/// <param name="Device">Device type name.</param>
/// <param name="Model">The loaded model; stays the caller's.</param>
public sealed record ProfileTarget(string Variant, string Device, OnnxModel Model);
