using System.Collections.Immutable;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>What a worker measured of one variant on its device.</summary>
/// <param name="Variant">Variant name.</param>
/// <param name="Model">Digest of the model file that was measured: of another file it says nothing.</param>
/// <param name="IsFallback">True if the processor computed in place of the device, which another worker of the kind may have.</param>
/// <param name="Rows">One per batch size.</param>
public sealed record MeasuredVariant(string Variant, string Model, bool IsFallback, ImmutableArray<ProfileRow> Rows);
