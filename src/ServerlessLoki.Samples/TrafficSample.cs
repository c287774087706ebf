namespace ServerlessLoki.Samples;

/// <summary>The sample pipeline's files and the seeds that belong to it.</summary>
public static class TrafficSample
{
    /// <summary>Scenes from here on were used for training, see <c>scripts/train-sample-models.py</c>.</summary>
    public const ulong TrainingSeed = 1_000_000_000;

    /// <summary>The first scene that accuracy is measured on; training never saw a seed below <see cref="TrainingSeed"/>.</summary>
    public const ulong HeldOutSeed = 1;

    /// <summary>How many scenes the committed accuracy figures rest on.</summary>
    public const int HeldOutScenes = 2000;

    /// <summary>The folder that holds the pipeline file, the models and the accuracy figures.</summary>
    public static string Directory { get; } = Path.Combine(AppContext.BaseDirectory, "traffic");

    /// <summary>The pipeline file.</summary>
    public static string PipelinePath { get; } = Path.Combine(Directory, "pipeline.json");

    /// <summary>The measured accuracy figures, written by <c>loki sample evaluate</c>.</summary>
    public static string AccuracyPath { get; } = Path.Combine(Directory, "accuracy.json");
}
