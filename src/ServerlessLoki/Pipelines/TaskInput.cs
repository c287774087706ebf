using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>What a pipeline file says about how a query, or its part, becomes a model's input; nothing where all are null.</summary>
/// <param name="Image">A picture.</param>
/// <param name="Text">A text.</param>
/// <param name="Audio">A sound.</param>
public sealed record TaskInput(ImageForm? Image = null, TextForm? Text = null, AudioForm? Audio = null)
{
    /// <summary>Values of model inputs that never change, by the input's name: one for all of its elements, or one for each.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<double>> Constants { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<double>>.Empty;

    /// <summary>Nothing is said.</summary>
    public static TaskInput None { get; } = new();
}
