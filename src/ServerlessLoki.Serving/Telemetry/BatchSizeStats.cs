using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>What batches of one size took since the start, in sum.</summary>
/// <param name="Rows">Rows in each.</param>
/// <param name="Count">Batches that ran.</param>
/// <param name="InputUs">Filling their input tensors, microseconds.</param>
/// <param name="ComputeUs">Running the model, microseconds.</param>
/// <param name="OutputUs">Reading outputs and forwarding children, microseconds.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct BatchSizeStats(int Rows, long Count, long InputUs, long ComputeUs, long OutputUs);
