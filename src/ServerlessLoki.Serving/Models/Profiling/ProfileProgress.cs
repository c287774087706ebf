namespace ServerlessLoki.Serving.Models.Profiling;

/// <summary>Progress of a measurement.</summary>
/// <param name="Done">Points that are complete.</param>
/// <param name="Points">All points.</param>
/// <param name="Variant">Variant just measured.</param>
/// <param name="Batch">Batch size just measured.</param>
public readonly record struct ProfileProgress(int Done, int Points, string Variant, int Batch);
