namespace ServerlessLoki.Pipelines;

/// <summary>What a pipeline file says about how a query, or its part, becomes a model's input; nothing where all are null.</summary>
/// <param name="Image">A picture.</param>
/// <param name="Text">A text.</param>
/// <param name="Audio">A sound.</param>
public sealed record TaskInput(ImageForm? Image = null, TextForm? Text = null, AudioForm? Audio = null)
{
    /// <summary>Nothing is said.</summary>
    public static TaskInput None { get; } = new();
}
