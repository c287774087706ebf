using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Slots;

/// <summary>When a worker took the batch that it runs, and how many rows that has: one number, so that it is read without a lock.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BatchInHand
{
    /// <summary>Room for the largest batch there may be (<see cref="EngineOptions.MaxBatch"/>); fifty bits of microseconds are 35 years.</summary>
    private const int RowBits = 13;

    /// <param name="sinceUs">When it was taken, on the engine's clock.</param>
    /// <param name="rows">Its rows; 0 = there is no batch.</param>
    public BatchInHand(long sinceUs, int rows) => Packed = (sinceUs << RowBits) | (uint)rows;

    private BatchInHand(long packed) => Packed = packed;

    public long Packed { get; }

    public long SinceUs => Packed >> RowBits;

    public int Rows => (int)(Packed & ((1 << RowBits) - 1));

    public static BatchInHand Of(long packed) => new(packed);
}
