using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>All figures of one engine. Each is an instrument of one meter, <see cref="MeterName"/>, for any listener (OpenTelemetry, dotnet-counters); what
/// is read here, and <c>/metrics</c>, comes from the same instruments.</summary>
public sealed class ServingMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "ServerlessLoki";

    /// <summary>One entry per pipeline and per variant.</summary>
    public ServingMetrics(IEnumerable<Pipeline> pipelines)
    {
        ArgumentNullException.ThrowIfNull(pipelines);
        Meter = new Meter(MeterName);
        View = new MeterView(Meter);
        var durations = new Durations(Meter, View);
        (DoorUs, DecodeUs) = (durations.Door(), durations.Decode());
        (PlanUs, SwapUs) = (durations.Plan(), durations.Swap());
        var all = pipelines.ToArray();
        Pipelines = [.. all.Select(p => durations.Of(p.Name))];
        Variants = [.. all.Select(p => p.Tasks.Select(t => t.Variants.Select(v => durations.Of(p.Name, t.Name, v.Name)).ToImmutableArray()).ToImmutableArray())];
        Counters.Publish(Meter, this);
    }

    /// <summary>By pipeline index.</summary>
    public ImmutableArray<PipelineMetrics> Pipelines { get; }

    /// <summary>By pipeline, task and variant index.</summary>
    public ImmutableArray<ImmutableArray<ImmutableArray<VariantMetrics>>> Variants { get; }

    /// <summary>A request's first byte to its admission or refusal, microseconds.</summary>
    public Histogram DoorUs { get; }

    /// <summary>Time to decode a picture, microseconds.</summary>
    public Histogram DecodeUs { get; }

    /// <summary>Time to make a plan, microseconds.</summary>
    public Histogram PlanUs { get; }

    /// <summary>Time to load and warm a variant beside the old one, microseconds.</summary>
    public Histogram SwapUs { get; }

    internal Meter Meter { get; }

    internal MeterView View { get; }

    /// <summary>Publishes what an engine's status shows beside what is counted here; called once, by the engine itself.</summary>
    /// <param name="engine">Whose figures these are.</param>
    public void Publish(IServingEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        EngineGauges.Publish(Meter, engine);
    }

    /// <summary>Publishes no more; what was counted stays readable, and nothing is added.</summary>
    public void Dispose()
    {
        Meter.Dispose();
        View.Dispose();
    }
}
