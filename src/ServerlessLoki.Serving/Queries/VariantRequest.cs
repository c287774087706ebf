using System.Collections.Immutable;
using ServerlessLoki.Serving.Memory;

namespace ServerlessLoki.Serving.Queries;

/// <summary>A direct inference on one variant, outside any pipeline.</summary>
public sealed record VariantRequest
{
    /// <summary>Variant name.</summary>
    public required string Variant { get; init; }

    /// <summary>Rows in each input; at least 1. More than the largest batch is split.</summary>
    public required int Rows { get; init; }

    /// <summary>Each input's bytes, in the order of the model's inputs, row-major, first dimension = <see cref="Rows"/>.
    /// Read, and never written, until <see cref="Owner"/> is disposed.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Inputs { get; init; }

    /// <summary>Of each input, the dimensions of one row; null where the model fixes them.</summary>
    public IReadOnlyList<long[]>? RowShapes { get; init; }

    /// <summary>Of each input, where each row begins and where the last ends; null for inputs, and where all are such, whose rows are of one
    /// size.</summary>
    internal IReadOnlyList<int[]?>? RowOffsets { get; init; }

    /// <summary>Holds the inputs' memory; the engine's from the call on. Disposed when no batch reads them any more, which is after
    /// the result where a request is answered early. Null: memory that nobody re-uses.</summary>
    public IDisposable? Owner { get; init; }

    /// <summary>What <see cref="Owner"/> is charged to; the outputs are charged beside it. Null = nothing is.</summary>
    internal ByteBudget.Share? Charge { get; init; }

    /// <summary>Deadline counted from arrival; null = 60 s.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>How long ago the request's first byte arrived: its deadline counts from there.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>One row that came from another process.</summary>
    internal static VariantRequest OfRow(string variant, ImmutableArray<TensorPart> inputs) => new()
    {
        Variant = variant, Rows = 1, Inputs = [.. inputs.Select(static i => i.Bytes)], RowShapes = [.. inputs.Select(static i => i.Shape.ToArray())],
    };

    /// <summary>Dimensions of a row of an input; empty where the model fixes them.</summary>
    internal ImmutableArray<long> ShapeOf(int input) => RowShapes is { } shapes ? [.. shapes[input]] : [];
}
