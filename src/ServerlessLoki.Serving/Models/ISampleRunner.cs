namespace ServerlessLoki.Serving.Models;

/// <summary>Runner of rows that were filled in once, as often as asked, for measurements. Not thread-safe.</summary>
internal interface ISampleRunner : IDisposable
{
    /// <summary>Largest batch, rows.</summary>
    int MaxBatch { get; }

    /// <summary>Runs the first rows.</summary>
    /// <exception cref="ModelException">The model failed.</exception>
    void Run(int batch);
}
