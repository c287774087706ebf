namespace ServerlessLoki.Planning.Vertical;

/// <summary>Latency by batch and cores in Amdahl's form, milliseconds: l(b, c) = g·b/c + d·b + e/c + h (related.md 5, 6).</summary>
/// <param name="ParallelPerRow">g: work per row that cores share.</param>
/// <param name="SerialPerRow">d: work per row that they do not.</param>
/// <param name="Parallel">e: work per batch that cores share.</param>
/// <param name="Serial">h: the rest.</param>
public sealed record CoreLatency(double ParallelPerRow, double SerialPerRow, double Parallel, double Serial)
{
    /// <summary>Milliseconds of one batch.</summary>
    public double BatchMs(int batch, int cores) => (ParallelPerRow * batch / cores) + (SerialPerRow * batch) + (Parallel / cores) + Serial;
}
