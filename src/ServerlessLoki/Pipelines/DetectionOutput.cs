using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>Settings of a pipeline file for decoding detections from a model's outputs. The decoder chooses values that are null.</summary>
public sealed record DetectionOutput
{
    /// <summary>Settings without values: the shapes of the model's outputs decide.</summary>
    public static DetectionOutput Default { get; } = new();

    /// <summary>Registered name of the decoder; null = the shapes decide.</summary>
    public string? Decoder { get; init; }

    /// <summary>Output names of the model by their meaning, for example <c>boxes</c>, for decoders of several outputs.</summary>
    public ImmutableSortedDictionary<string, string> Tensors { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Meaning of the four numbers of a box; null = the decoder decides.</summary>
    public BoxForm? Boxes { get; init; }

    /// <summary>True where box coordinates are shares of the input's width and height, 0..1; false where they are pixels of the model's
    /// input; null = the decoder decides.</summary>
    public bool? IsNormalised { get; init; }

    /// <summary>Limit of intersection over union, 0..1; 1 drops no box. Of two boxes that overlap more, the one with the lower score is
    /// dropped.</summary>
    public double? Nms { get; init; }

    /// <summary>True where boxes of different classes suppress each other too.</summary>
    public bool IsNmsOverAll { get; init; }

    /// <summary>Settings of the decoder <c>db</c> for regions of text; other decoders ignore them.</summary>
    public TextRegionForm Regions { get; init; } = TextRegionForm.Default;

    /// <summary>Anchors of the decoder <c>anchors</c>; null for other decoders.</summary>
    public AnchorForm? Anchors { get; init; }

    /// <summary>Most detections of one row, the best first; at least 1.</summary>
    public int? MaxDetections { get; init; }
}
