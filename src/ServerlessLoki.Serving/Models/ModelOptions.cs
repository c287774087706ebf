using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Models;

/// <summary>Options for loading a model.</summary>
public sealed record ModelOptions
{
    /// <summary>Threads inside one run; at least 1. Default 1: no pool, and the predictable choice where slots share cores.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Execution provider for the model. Default: the CPU.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;

    /// <summary>True = optimise the graph. Default true; false opens faster, where only inputs and outputs are read.</summary>
    public bool Optimize { get; init; } = true;

    /// <summary>Index of the GPU, from 0. Default 0.</summary>
    public int DeviceId { get; init; }

    /// <summary>Most GPU memory of one session, bytes, at least 1; null = all there is.</summary>
    public long? GpuMemoryBytes { get; init; }

    /// <summary>Largest batch of the model's runners, rows; at least 1. Default 32. A model with a fixed first dimension has that
    /// instead.</summary>
    public int MaxBatch { get; init; } = 32;

    /// <summary>Length of open dimensions of usual rows, from the pipeline file; null = not known.</summary>
    internal int? UsualLength { get; init; }

    /// <summary>Values of inputs that never change, by name.</summary>
    internal ImmutableSortedDictionary<string, TensorConstant> Constants { get; init; } = ImmutableSortedDictionary<string, TensorConstant>.Empty;

    /// <summary>Lists all options that are out of bounds.</summary>
    public IReadOnlyList<Fault> Faults()
    {
        var check = new OptionCheck();
        check.AtLeast(Threads, 1);
        check.Defined(Provider);
        check.AtLeast(DeviceId, 0);
        check.Within(GpuMemoryBytes, 1, long.MaxValue);
        check.AtLeast(MaxBatch, 1);
        return check.Faults;
    }
}
