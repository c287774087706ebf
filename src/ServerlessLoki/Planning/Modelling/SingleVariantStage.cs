using System.Runtime.InteropServices;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Task that runs one variant on one kind of device.</summary>
/// <param name="Variant">Variant index.</param>
/// <param name="Device">Device type index.</param>
/// <param name="Batch">Largest batch, rows.</param>
/// <param name="Replicas">Replicas of the variant; at least 1.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SingleVariantStage(int Variant, int Device, int Batch, int Replicas);
