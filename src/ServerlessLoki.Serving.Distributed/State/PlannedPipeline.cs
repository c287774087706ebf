using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Pipeline of a plan: the names behind the plan's indices, and the mean children of its queries.</summary>
/// <param name="Name">Pipeline name.</param>
/// <param name="SloUs">Latency objective, microseconds.</param>
/// <param name="Tasks">Tasks by task index.</param>
/// <param name="FanOut">[edge][parent variant] mean child queries per query.</param>
public sealed record PlannedPipeline(
    string Name, long SloUs, ImmutableArray<PlannedTask> Tasks, ImmutableArray<ImmutableArray<double>> FanOut)
{
    internal static PlannedPipeline Of(PipelineDemand demand)
    {
        var pipeline = demand.Pipeline;
        return new PlannedPipeline(
            pipeline.Name, pipeline.SloUs,
            [.. pipeline.Tasks.Select(t => new PlannedTask(t.Name, [.. t.Variants.Select(v => v.Name)]))],
            [.. pipeline.Edges.Select(e => pipeline.Tasks[e.From].Variants.Select(v => demand.FanOut[e.Index, v.Index]).ToImmutableArray())]);
    }

    /// <summary>Tests whether the indices have the same meaning in a pipeline.</summary>
    internal bool Fits(Pipeline pipeline) =>
        Name == pipeline.Name && Tasks.Length == pipeline.Tasks.Length && FanOut.Length == pipeline.Edges.Length
        && Tasks.Zip(pipeline.Tasks).All(t => t.First.Name == t.Second.Name && t.First.Variants.SequenceEqual(t.Second.Variants.Select(v => v.Name)))
        && FanOut.Zip(pipeline.Edges).All(f => f.First.Length == pipeline.Tasks[f.Second.From].Variants.Length);
}

/// <summary>Names of a task and of its variants.</summary>
/// <param name="Name">Task name.</param>
/// <param name="Variants">Variant names, by index.</param>
public sealed record PlannedTask(string Name, ImmutableArray<string> Variants);
