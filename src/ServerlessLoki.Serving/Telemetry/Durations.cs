using System.Diagnostics.Metrics;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>Histograms of an engine's meter: seconds, and rows of batches. Tags: <c>pipeline</c>; of variants <c>pipeline</c>, <c>task</c>,
/// <c>variant</c>.</summary>
internal sealed class Durations(Meter meter, MeterView view)
{
    private const double Us = 1e-6;

    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private static readonly InstrumentAdvice<double> Rows = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128] };
    private readonly Histogram<double> _request = Time(meter, "loki.request", "Arrival to end of completed queries.");
    private readonly Histogram<double> _slack = Time(meter, "loki.slack", "Time left until the deadline at the end of completed queries.");
    private readonly Histogram<double> _queue = Time(meter, "loki.queue", "Enqueue to start of the batch, per row.");
    private readonly Histogram<double> _input = Time(meter, "loki.compute.input", "Filling the input tensor, per batch.");
    private readonly Histogram<double> _compute = Time(meter, "loki.compute", "The model's run, per batch.");
    private readonly Histogram<double> _output = Time(meter, "loki.compute.output", "Reading outputs and forwarding children, per batch.");
    private readonly Histogram<double> _rows = meter.CreateHistogram("loki.batch.rows", "{row}", "Rows per batch.", tags: null, Rows);

    public Histogram Door() => view.SeriesOf(Time(meter, "loki.door", "A request's first byte to its admission or refusal."), Us);

    public Histogram Decode() => view.SeriesOf(Time(meter, "loki.decode", "Time to decode a picture."), Us);

    public Histogram Plan() => view.SeriesOf(Time(meter, "loki.plan", "Time to make a plan."), Us);

    public Histogram Swap() => view.SeriesOf(Time(meter, "loki.swap", "Time to load and warm a variant beside the old one."), Us);

    public PipelineMetrics Of(string pipeline) => new(pipeline)
    {
        RequestUs = view.SeriesOf(_request, Us, new KeyValuePair<string, object?>("pipeline", pipeline)),
        SlackUs = view.SeriesOf(_slack, Us, new KeyValuePair<string, object?>("pipeline", pipeline)),
    };

    public VariantMetrics Of(string pipeline, string task, string variant)
    {
        KeyValuePair<string, object?>[] tags = [new("pipeline", pipeline), new("task", task), new("variant", variant)];
        return new VariantMetrics(pipeline, task, variant)
        {
            QueueUs = view.SeriesOf(_queue, Us, tags),
            InputUs = view.SeriesOf(_input, Us, tags),
            ComputeUs = view.SeriesOf(_compute, Us, tags),
            OutputUs = view.SeriesOf(_output, Us, tags),
            BatchRows = view.SeriesOf(_rows, 1, tags),
        };
    }

    private static Histogram<double> Time(Meter meter, string name, string description) => meter.CreateHistogram(name, "s", description, tags: null, Seconds);
}
