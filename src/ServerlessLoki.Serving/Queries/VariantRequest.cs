using System.Collections.Immutable;
using ServerlessLoki.Serving.Memory;

namespace ServerlessLoki.Serving.Queries;

/// <summary>A direct inference on one variant, outside any pipeline.</summary>
public sealed record VariantRequest
{
    /// <summary>Variant name.</summary>
    public required string Variant { get; init; }

    /// <summary>Rows in each input; at least 1. More rows than the largest batch are split.</summary>
    public required int Rows { get; init; }

    /// <summary>Bytes of each input, in the order of the model's inputs, row-major, first dimension = <see cref="Rows"/>. Read-only until
    /// <see cref="Owner"/> is disposed.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Inputs { get; init; }

    /// <summary>Dimensions of one row, for each input; null where the model fixes them.</summary>
    public IReadOnlyList<long[]>? RowShapes { get; init; }

    /// <summary>Offsets of each row and of the end of the last one, for each input; null for inputs whose rows have one size, and as a
    /// whole where all inputs are such.</summary>
    internal IReadOnlyList<int[]?>? RowOffsets { get; init; }

    /// <summary>Owner of the inputs' memory; it belongs to the engine from the call on. Disposed when no batch reads the memory any more,
    /// which is after the result where a request is answered early. Null: memory that is not reused.</summary>
    public IDisposable? Owner { get; init; }

    /// <summary>Share of the budget that <see cref="Owner"/> is charged to; the outputs are charged separately. Null = none.</summary>
    internal ByteBudget.Share? Charge { get; init; }

    /// <summary>Deadline counted from arrival; null = 60 s.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>Time since the request's first byte arrived: its deadline counts from there.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>Makes a request of one row that came from another process.</summary>
    internal static VariantRequest OfRow(string variant, ImmutableArray<TensorPart> inputs) => new()
    {
        Variant = variant, Rows = 1, Inputs = [.. inputs.Select(static i => i.Bytes)], RowShapes = [.. inputs.Select(static i => i.Shape.ToArray())],
    };

    /// <summary>Returns the dimensions of a row of an input; empty where the model fixes them.</summary>
    internal ImmutableArray<long> ShapeOf(int input) => RowShapes is { } shapes ? [.. shapes[input]] : [];
}
