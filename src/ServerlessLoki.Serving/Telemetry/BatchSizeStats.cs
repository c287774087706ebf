using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>Total times of the batches of one size since the start.</summary>
/// <param name="Rows">Rows of each batch.</param>
/// <param name="Count">Batches that ran.</param>
/// <param name="InputUs">Time for filling input tensors, microseconds.</param>
/// <param name="ComputeUs">Time for running the model, microseconds.</param>
/// <param name="OutputUs">Time for reading outputs and forwarding children, microseconds.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct BatchSizeStats(int Rows, long Count, long InputUs, long ComputeUs, long OutputUs);
