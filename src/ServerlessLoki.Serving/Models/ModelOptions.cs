using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Models;

/// <summary>How a model is loaded.</summary>
public sealed record ModelOptions
{
    /// <summary>Threads inside one run; at least 1. Default 1: no pool, and the predictable choice where slots share cores.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>What should compute it. Default: the processor.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;

    /// <summary>Rewrite the graph for speed. Default true; false opens faster, where only inputs and outputs are looked at.</summary>
    public bool Optimize { get; init; } = true;

    /// <summary>Which GPU, from 0. Default 0.</summary>
    public int DeviceId { get; init; }

    /// <summary>Most GPU memory of one session, bytes, at least 1; null = all there is.</summary>
    public long? GpuMemoryBytes { get; init; }

    /// <summary>Largest batch that its runners take; at least 1. Default 32. A model with a fixed first dimension has that instead.</summary>
    public int MaxBatch { get; init; } = 32;

    /// <summary>How long open dimensions of usual rows are, where the pipeline file tells; null = it does not.</summary>
    internal int? UsualLength { get; init; }

    /// <summary>Values of inputs that never change, by name.</summary>
    internal ImmutableSortedDictionary<string, ImmutableArray<double>> Constants { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<double>>.Empty;

    /// <summary>Everything that is out of its bounds.</summary>
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
