using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>All series of one engine.</summary>
public sealed class ServingMetrics
{
    /// <summary>One entry per pipeline and per variant.</summary>
    public ServingMetrics(IEnumerable<Pipeline> pipelines)
    {
        ArgumentNullException.ThrowIfNull(pipelines);
        var all = pipelines.ToArray();
        Pipelines = [.. all.Select(p => new PipelineMetrics(p.Name))];
        Variants = [.. all.Select(p => p.Tasks.Select(t => t.Variants
            .Select(v => new VariantMetrics(p.Name, t.Name, v.Name)).ToImmutableArray()).ToImmutableArray())];
    }

    /// <summary>By pipeline index.</summary>
    public ImmutableArray<PipelineMetrics> Pipelines { get; }

    /// <summary>By pipeline, task and variant index.</summary>
    public ImmutableArray<ImmutableArray<ImmutableArray<VariantMetrics>>> Variants { get; }

    /// <summary>A request's first byte to its admission or refusal, microseconds.</summary>
    public Histogram DoorUs { get; } = new();

    /// <summary>Time to decode a picture, microseconds.</summary>
    public Histogram DecodeUs { get; } = new();

    /// <summary>Time to make a plan, microseconds.</summary>
    public Histogram PlanUs { get; } = new();

    /// <summary>Time to load and warm a variant beside the old one, microseconds.</summary>
    public Histogram SwapUs { get; } = new();
}
