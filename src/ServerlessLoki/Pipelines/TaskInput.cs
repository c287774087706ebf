namespace ServerlessLoki.Pipelines;

/// <summary>Settings of a pipeline file for converting a query, or a part of it, into a model's input. The input is passed on unconverted
/// where all are null.</summary>
/// <param name="Image">Conversion of an image.</param>
/// <param name="Text">Conversion of a text.</param>
/// <param name="Audio">Conversion of a sound.</param>
public sealed record TaskInput(ImageForm? Image = null, TextForm? Text = null, AudioForm? Audio = null)
{
    /// <summary>Settings without any conversion.</summary>
    public static TaskInput None { get; } = new();
}
