using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>Task with the one variant that InferLine runs for it.</summary>
/// <param name="Task">Task index; stages stand in topological order, so this is also the position among them.</param>
/// <param name="Parent">Index of the stage before; −1 at the root.</param>
/// <param name="Variant">Variant index.</param>
/// <param name="CopiesPerParent">Rows per row of the stage before; 1 at the root.</param>
/// <param name="ScaleFactor">s: rows per query of the pipeline (InferLine, scale factors).</param>
/// <param name="Ladder">Devices that the variant can run on, the fastest first; at least one.</param>
internal sealed record PipelineStage(
    int Task, int Parent, int Variant, double CopiesPerParent, double ScaleFactor, ImmutableArray<StageHardware> Ladder);
