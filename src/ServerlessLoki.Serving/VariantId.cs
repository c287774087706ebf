using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving;

/// <summary>Identifies a variant by indices: pipeline in the engine, task in the pipeline, variant in the task.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct VariantId(int Pipeline, int Task, int Variant)
{
    /// <summary>Tests whether this variant comes first in the order of pipelines, tasks and variants.</summary>
    public bool IsBefore(VariantId other) =>
        Pipeline != other.Pipeline ? Pipeline < other.Pipeline : Task != other.Task ? Task < other.Task : Variant < other.Variant;
}
