using System.Diagnostics.Metrics;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>Listener on one engine's meter from its first instrument on: <c>/metrics</c> and the engine's own readings see the same values
/// as every other listener.</summary>
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

    /// <summary>Makes a new series of an instrument.</summary>
    /// <param name="instrument">Instrument of the meter.</param>
    /// <param name="unit">Value of one recorded unit, in the instrument's unit.</param>
    /// <param name="tags">Tags of each measurement.</param>
    public Histogram SeriesOf(Histogram<double> instrument, double unit, params KeyValuePair<string, object?>[] tags)
    {
        var series = new Histogram(instrument, tags, unit);
        FamilyOf(instrument).Add(tags, series);
        return series;
    }

    /// <summary>Passes all families to <paramref name="look"/>, with observable instruments read just before.</summary>
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
