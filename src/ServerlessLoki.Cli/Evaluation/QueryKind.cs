using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Kind of a query's input.</summary>
internal enum QueryKind
{
    /// <summary>A picture file.</summary>
    Picture,

    /// <summary>A WAV file.</summary>
    Sound,

    /// <summary>One text, or two: a pair.</summary>
    Text,
}

/// <summary>Kind of a pipeline's queries.</summary>
internal static class QueryKinds
{
    /// <summary>Returns the kind; null where queries bring tensors of numbers.</summary>
    public static QueryKind? Of(Pipeline pipeline) =>
        pipeline.Input.IsImage ? QueryKind.Picture
        : pipeline.MaxSoundSeconds is not null ? QueryKind.Sound
        : pipeline.Input.Datatype == "BYTES" && pipeline.Inputs.Length == 1 ? QueryKind.Text : null;

    /// <summary>Returns the number of texts that a query brings; 1 or 2.</summary>
    public static int Texts(Pipeline pipeline) => pipeline.Input.Shape is [2, ..] or [-1, 2] ? 2 : 1;
}
