namespace ServerlessLoki.Samples;

/// <summary>Files and seeds of the sample pipeline.</summary>
public static class TrafficSample
{
    /// <summary>Least seed of the training scenes, see <c>scripts/train-sample-models.py</c>.</summary>
    public const ulong TrainingSeed = 1_000_000_000;

    /// <summary>Seed of the first scene for measuring accuracy; training never used a seed below <see cref="TrainingSeed"/>.</summary>
    public const ulong HeldOutSeed = 1;

    /// <summary>Number of scenes behind the committed accuracy figures.</summary>
    public const int HeldOutScenes = 2000;

    /// <summary>Folder of the pipeline file, the models and the accuracy figures.</summary>
    public static string Directory { get; } = Path.Combine(AppContext.BaseDirectory, "traffic");

    /// <summary>Path of the pipeline file.</summary>
    public static string PipelinePath { get; } = Path.Combine(Directory, "pipeline.json");

    /// <summary>Path of the measured accuracy figures, written by <c>loki sample evaluate</c>.</summary>
    public static string AccuracyPath { get; } = Path.Combine(Directory, "accuracy.json");
}
