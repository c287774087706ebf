using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>A validated, immutable graph of tasks that one query passes. Built by <see cref="PipelineReader"/>.</summary>
/// <remarks>Tasks are in topological order: <c>Tasks[0]</c> is the only root, and each edge points to a later task.</remarks>
public sealed class Pipeline
{
    internal Pipeline(
        string name, long sloUs, PipelineInput input, ImmutableArray<PipelineTask> tasks, ImmutableArray<PipelineEdge> edges)
    {
        Name = name;
        SloUs = sloUs;
        Input = input;
        Tasks = tasks;
        Edges = edges;
    }

    /// <summary>The pipeline's name, unique in a host; also its model name in the Open Inference Protocol.</summary>
    public string Name { get; }

    /// <summary>Latency objective of a query, arrival to answer, in microseconds.</summary>
    public long SloUs { get; }

    /// <summary>What a query brings: the input tensor of the root task.</summary>
    public PipelineInput Input { get; }

    /// <summary>Tasks in topological order; index 0 is the root.</summary>
    public ImmutableArray<PipelineTask> Tasks { get; }

    /// <summary>All edges; <see cref="PipelineEdge.Index"/> is the position here.</summary>
    public ImmutableArray<PipelineEdge> Edges { get; }

    /// <summary>The first task of every query.</summary>
    public PipelineTask Root => Tasks[0];

    /// <summary>The same pipeline with a narrower input, as its models turned out to take.</summary>
    public Pipeline WithInput(PipelineInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new Pipeline(Name, SloUs, input, Tasks, Edges);
    }

    /// <summary>The same graph under another objective.</summary>
    /// <param name="sloUs">Microseconds; above 0.</param>
    public Pipeline WithSlo(long sloUs)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sloUs);
        return new Pipeline(Name, sloUs, Input, Tasks, Edges);
    }

    /// <summary>Finds a task by its name; null if there is none.</summary>
    public PipelineTask? FindTask(string name) => Tasks.FirstOrDefault(t => string.Equals(t.Name, name, StringComparison.Ordinal));
}
