using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>What a pipeline file says about how detections are made of a model's outputs. What is null is left to the decoder.</summary>
public sealed record DetectionOutput
{
    /// <summary>Nothing is said: the shapes of the model's outputs decide.</summary>
    public static DetectionOutput Default { get; } = new();

    /// <summary>Registered name of the decoder; null = the shapes decide.</summary>
    public string? Decoder { get; init; }

    /// <summary>For decoders of several outputs: names of the model's outputs by what they mean, for example <c>boxes</c>.</summary>
    public ImmutableSortedDictionary<string, string> Tensors { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>What the four numbers of a box are.</summary>
    public BoxForm? Boxes { get; init; }

    /// <summary>True where boxes are shares of the width and height, 0..1; false where they are pixels of the model's input.</summary>
    public bool? IsNormalised { get; init; }

    /// <summary>Of two boxes whose intersection over union is above it, the one with the lower score is dropped; 0..1, and 1 drops none.</summary>
    public double? Nms { get; init; }

    /// <summary>True where boxes of different classes drop each other too.</summary>
    public bool IsNmsOverAll { get; init; }

    /// <summary>How regions of text are cut out; of no meaning for another decoder than <c>db</c>.</summary>
    public TextRegionForm Regions { get; init; } = TextRegionForm.Default;

    /// <summary>Most detections of a row, the best first; at least 1.</summary>
    public int? MaxDetections { get; init; }
}
