namespace ServerlessLoki.Serving.Models.Profiling;

/// <summary>Model to measure on a device.</summary>
/// <param name="Variant">Variant name.</param>
/// <param name="Device">Device type name.</param>
/// <param name="Model">Loaded model; the caller keeps ownership.</param>
public sealed record ProfileTarget(string Variant, string Device, OnnxModel Model);
