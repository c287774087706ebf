using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>Metrics of one engine. Each is an instrument of one meter, <see cref="MeterName"/>, for any listener (OpenTelemetry,
/// dotnet-counters); <c>/metrics</c> and the values read here come from the same instruments.</summary>
public sealed class ServingMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "ServerlessLoki";

    /// <summary>Makes the metrics, with one entry per pipeline and per variant.</summary>
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

    /// <summary>Metrics by pipeline index.</summary>
    public ImmutableArray<PipelineMetrics> Pipelines { get; }

    /// <summary>Metrics by pipeline, task and variant index.</summary>
    public ImmutableArray<ImmutableArray<ImmutableArray<VariantMetrics>>> Variants { get; }

    /// <summary>Time from a request's first byte to its admission or refusal, microseconds.</summary>
    public Histogram DoorUs { get; }

    /// <summary>Time to decode a picture, microseconds.</summary>
    public Histogram DecodeUs { get; }

    /// <summary>Time to make a plan, microseconds.</summary>
    public Histogram PlanUs { get; }

    /// <summary>Time to load and warm a variant in the background, microseconds.</summary>
    public Histogram SwapUs { get; }

    internal Meter Meter { get; }

    internal MeterView View { get; }

    /// <summary>Publishes the figures of an engine's status in addition to the counts of this object; called once, by the engine
    /// itself.</summary>
    /// <param name="engine">Engine of the figures.</param>
    public void Publish(IServingEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        EngineGauges.Publish(Meter, engine);
    }

    /// <summary>Ends publishing; the counts stay readable and no longer change.</summary>
    public void Dispose()
    {
        Meter.Dispose();
        View.Dispose();
    }
}
