namespace ServerlessLoki.Serving.Models;

/// <summary>One input of one row, with its own shape.</summary>
/// <param name="Shape">Dimensions without the batch.</param>
/// <param name="Bytes">Little-endian, row-major; unchanged until the run has ended.</param>
internal readonly record struct LooseRow(long[] Shape, ReadOnlyMemory<byte> Bytes);
