namespace ServerlessLoki.Serving.Models.Profiling;

/// <summary>Runs a model on made-up rows. Not thread-safe.</summary>
internal interface ISampleRunner : IDisposable
{
    /// <summary>Largest batch.</summary>
    int MaxBatch { get; }

    /// <summary>Runs the first rows.</summary>
    /// <exception cref="ModelException">The model failed.</exception>
    void Run(int batch);
}
