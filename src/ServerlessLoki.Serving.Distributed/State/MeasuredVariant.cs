using System.Collections.Immutable;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Measurement of one variant by a worker on its device.</summary>
/// <param name="Variant">Variant name.</param>
/// <param name="Model">Digest of the model file that was measured; the measurement does not apply to other files.</param>
/// <param name="IsFallback">True if the CPU computed in place of the device, which another worker of the same device type may have.</param>
/// <param name="Rows">Measured rows, one per batch size.</param>
public sealed record MeasuredVariant(string Variant, string Model, bool IsFallback, ImmutableArray<ProfileRow> Rows);
