using System.Runtime.InteropServices;

namespace ServerlessLoki.Azure.Fleet;

/// <summary>Replica bounds of a container app, as the platform reports them.</summary>
/// <param name="Min">Fewest replicas that the platform keeps.</param>
/// <param name="Max">Most replicas that the platform keeps.</param>
/// <param name="Busy">True while a change is under way; another change would be refused.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ReplicaBounds(int Min, int Max, bool Busy);
