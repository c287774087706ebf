namespace ServerlessLoki.Serving.Models;

/// <summary>What computes a model.</summary>
public enum ExecutionProvider
{
    /// <summary>The processor; always there.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU, where the native library has that provider; otherwise the processor takes over.</summary>
    Cuda,
}
