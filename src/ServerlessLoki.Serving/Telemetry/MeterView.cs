using System.Diagnostics.Metrics;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>Listens to one engine's meter from its first instrument on: what <c>/metrics</c> shows and what the engine looks at is what every other
/// listener gets.</summary>
/// <remarks>Measurements take no lock and allocate nothing: the series of a histogram are known before the first.</remarks>
internal sealed class MeterView : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<Instrument, MetricFamily> _families = [];
    private readonly List<MetricFamily> _inOrder = [];
    private readonly Lock _gate = new();

    public MeterView(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter)
                listener.EnableMeasurementEvents(instrument, FamilyOf(instrument));
        };
        _listener.SetMeasurementEventCallback<double>(Take);
        _listener.SetMeasurementEventCallback<long>(static (instrument, value, tags, family) => Take(instrument, value, tags, family));
        _listener.Start();
    }

    /// <summary>A new series of an instrument.</summary>
    /// <param name="instrument">Of the meter.</param>
    /// <param name="unit">One, in the instrument's unit.</param>
    /// <param name="tags">Of each measurement.</param>
    public Histogram SeriesOf(Histogram<double> instrument, double unit, params KeyValuePair<string, object?>[] tags)
    {
        var series = new Histogram(instrument, tags, unit);
        FamilyOf(instrument).Add(tags, series);
        return series;
    }

    /// <summary>Calls what looks at all families, their observables asked just now.</summary>
    public void Look(Action<IReadOnlyList<MetricFamily>> look)
    {
        lock (_gate)
        {
            foreach (var family in _inOrder)
                family.Samples.Clear();
            _listener.RecordObservableInstruments();
            look(_inOrder);
        }
    }

    public void Dispose() => _listener.Dispose();

    private static void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? family)
    {
        if (instrument.IsObservable)
            ((MetricFamily)family!).Samples.Add(new MetricSample([.. tags], value));
        else
            ((MetricFamily)family!).Find(tags)?.Measured(value);
    }

    private MetricFamily FamilyOf(Instrument instrument)
    {
        lock (_gate)
        {
            if (!_families.TryGetValue(instrument, out var family))
                _inOrder.Add(_families[instrument] = family = new MetricFamily(instrument));
            return family;
        }
    }
}
