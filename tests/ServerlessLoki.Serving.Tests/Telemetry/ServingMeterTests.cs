using System.Diagnostics.Metrics;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Telemetry;

public sealed class ServingMeterTests
{
    [Fact]
    public void Instruments_Observed_TellWhatTheEngineCounted()
    {
        var metrics = new ServingMetrics([TestPipelines.Traffic]);
        using var meter = new ServingMeter(metrics);
        metrics.Pipelines[0].Arrived();
        metrics.Pipelines[0].Arrived();
        metrics.Pipelines[0].Admitted();
        metrics.Pipelines[0].Ended(QueryOutcome.Completed, new QueryTimes(5_000, 4_000, -1), accuracy: 0.75);
        metrics.Pipelines[0].Ended(QueryOutcome.Expired);

        var seen = Observe(metrics.Pipelines[0].Pipeline);

        Assert.Equal(2, seen["loki.arrivals "]);
        Assert.Equal(1, seen["loki.queries Completed"]);
        Assert.Equal(1, seen["loki.queries Expired"]);
        Assert.Equal(1, seen["loki.queries.beyond_slo "]);
        Assert.Equal(1, seen["loki.pending "]);
        Assert.Equal(0.75, seen["loki.accuracy "], 6);
        Assert.Equal(5, seen["loki.latency "], 6);
    }

    /// <summary>By instrument and outcome.</summary>
    private static Dictionary<string, double> Observe(string pipeline)
    {
        var seen = new Dictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, l) =>
            {
                if (instrument.Meter.Name == ServingMeter.Name)
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;

        void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string? outcome = null, of = null;
            foreach (var (key, tag) in tags)
            {
                outcome = key == "outcome" ? (string?)tag : outcome;
                of = key == "pipeline" ? (string?)tag : of;
            }

            if (of == pipeline)
                seen[$"{instrument.Name} {outcome}"] = value;
        }
    }
}
