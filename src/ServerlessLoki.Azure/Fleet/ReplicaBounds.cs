using System.Runtime.InteropServices;

namespace ServerlessLoki.Azure.Fleet;

/// <summary>What the platform says of an app's replicas.</summary>
/// <param name="Min">It keeps no fewer.</param>
/// <param name="Max">Nor more.</param>
/// <param name="Busy">A change is under way; another would be refused.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ReplicaBounds(int Min, int Max, bool Busy);
