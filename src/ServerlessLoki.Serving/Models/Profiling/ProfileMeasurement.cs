using ServerlessLoki.Profiles;

namespace ServerlessLoki.Serving.Models.Profiling;

/// <summary>Measured point.</summary>
/// <param name="Row">Percentiles of the point.</param>
/// <param name="Samples">Number of timed runs.</param>
public readonly record struct ProfileMeasurement(ProfileRow Row, int Samples);
