using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>Settings of a pipeline file for converting a query, or a part of it, into a model's input. The input is passed on unconverted
/// where all are null.</summary>
/// <param name="Image">Conversion of an image.</param>
/// <param name="Text">Conversion of a text.</param>
/// <param name="Audio">Conversion of a sound.</param>
public sealed record TaskInput(ImageForm? Image = null, TextForm? Text = null, AudioForm? Audio = null)
{
    /// <summary>Values of model inputs that never change, by the input's name.</summary>
    public ImmutableSortedDictionary<string, TensorConstant> Constants { get; init; } = ImmutableSortedDictionary<string, TensorConstant>.Empty;

    /// <summary>Settings without any conversion or constant.</summary>
    public static TaskInput None { get; } = new();
}
