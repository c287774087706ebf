namespace ServerlessLoki.Serving.Models;

/// <summary>Runs the rows that were filled in, again as often as asked: what a measurement needs. Not thread-safe.</summary>
internal interface ISampleRunner : IDisposable
{
    /// <summary>Largest batch.</summary>
    int MaxBatch { get; }

    /// <summary>Runs the first rows.</summary>
    /// <exception cref="ModelException">The model failed.</exception>
    void Run(int batch);
}
