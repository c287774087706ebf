using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>Anchor boxes of decoder <c>anchors</c>, from a file or made by rule, and how a model's numbers refer to them.</summary>
public sealed record AnchorForm
{
    /// <summary>Text file with an anchor a line: centre x, centre y, width, height, each a share of the model's input; separated by commas or
    /// blanks. Absolute or relative to the pipeline file's folder. Null = made by <see cref="Strides"/>.</summary>
    public string? File { get; init; }

    /// <summary>Pixels of the model's input from one cell to the next, for each map of cells in the model's order. The cells of a map go row by
    /// row, and each has its anchors in its middle.</summary>
    public ImmutableArray<int> Strides { get; init; } = [];

    /// <summary>Side lengths of the square anchors of a cell, pixels, for each map; empty where <see cref="PerCell"/> is given.</summary>
    public ImmutableArray<ImmutableArray<double>> Sizes { get; init; } = [];

    /// <summary>Anchors of a cell, each as large as the whole input, for each map; empty where <see cref="Sizes"/> is given.</summary>
    public ImmutableArray<int> PerCell { get; init; } = [];

    /// <summary>False where widths and heights are exponents (SSD); true where they are factors (BlazeFace).</summary>
    public bool IsLinear { get; init; }

    /// <summary>Factors on the model's numbers: of centres and points, and of widths and heights. Empty = 0.1 and 0.2, or where
    /// <see cref="IsLinear"/> one pixel of the input.</summary>
    public ImmutableArray<double> Variances { get; init; } = [];
}
