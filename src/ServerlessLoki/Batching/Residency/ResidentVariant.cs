using System.Runtime.InteropServices;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Batching.Residency;

/// <summary>A variant that a slot holds beside others of its task.</summary>
/// <param name="Accuracy">Accuracy, 0..1.</param>
/// <param name="Latency">L(b) on the slot's device.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ResidentVariant(double Accuracy, BatchLatency Latency);
