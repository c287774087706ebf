using ServerlessLoki.Profiles;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>Latencies of a variant of IPA at one batch size.</summary>
/// <param name="Stage">Stage of the variant.</param>
/// <param name="Cores">Cores of a replica.</param>
/// <param name="Row">Latencies.</param>
internal sealed record IpaProfile(string Stage, int Cores, ProfileRow Row);
