using System.Runtime.InteropServices;

namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>Setting of one stage: device, batch and replicas.</summary>
/// <param name="Hardware">Position in the stage's ladder.</param>
/// <param name="Batch">Largest batch, rows.</param>
/// <param name="Replicas">Replicas of the stage; at least 1.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StageSetting(int Hardware, int Batch, int Replicas);
