using ServerlessLoki.Profiles;

namespace ServerlessLoki.Serving.Models.Profiling;

/// <summary>One measured point.</summary>
/// <param name="Row">Its percentiles.</param>
/// <param name="Samples">Runs that were timed.</param>
public readonly record struct ProfileMeasurement(ProfileRow Row, int Samples);
