using System.Runtime.InteropServices;

namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>The three knobs of a stage.</summary>
/// <param name="Hardware">Position in the stage's ladder.</param>
/// <param name="Batch">Largest batch.</param>
/// <param name="Replicas">At least 1.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StageSetting(int Hardware, int Batch, int Replicas);
