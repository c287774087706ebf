using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Start time and row count of the batch that a worker runs, in one number that is read without a lock.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BatchInHand
{
    /// <summary>Bits for the row count, enough for the largest batch (<see cref="EngineOptions.MaxBatch"/>); fifty bits of microseconds are
    /// 35 years.</summary>
    private const int RowBits = 13;

    /// <param name="sinceUs">Start time of the batch, on the engine's clock, microseconds.</param>
    /// <param name="rows">Rows of the batch; 0 = there is no batch.</param>
    public BatchInHand(long sinceUs, int rows) => Packed = (sinceUs << RowBits) | (uint)rows;

    private BatchInHand(long packed) => Packed = packed;

    public long Packed { get; }

    public long SinceUs => Packed >> RowBits;

    public int Rows => (int)(Packed & ((1 << RowBits) - 1));

    public static BatchInHand Of(long packed) => new(packed);
}
