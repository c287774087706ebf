namespace ServerlessLoki.Serving.Models;

/// <summary>Hardware that computes a model.</summary>
public enum ExecutionProvider
{
    /// <summary>CPU, which is always available.</summary>
    Cpu,

    /// <summary>NVIDIA GPU, where the native library has that provider; otherwise the CPU is used.</summary>
    Cuda,
}
