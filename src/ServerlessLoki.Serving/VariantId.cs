using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving;

/// <summary>A variant by index: pipeline in the engine, task in the pipeline, variant in the task.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct VariantId(int Pipeline, int Task, int Variant);
