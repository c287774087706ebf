using System.Diagnostics.Metrics;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Telemetry;

/// <summary>What any listener of the meter gets, for example an exporter.</summary>
public sealed class ServingMetricsTests
{
    [Fact]
    public void Counters_Observed_TellWhatTheEngineCounted()
    {
        using var metrics = new ServingMetrics([TestPipelines.Traffic]);
        using var listener = new Listener(metrics);
        metrics.Pipelines[0].Arrived();
        metrics.Pipelines[0].Arrived();
        metrics.Pipelines[0].Admitted();
        metrics.Pipelines[0].Ended(QueryOutcome.Completed, new QueryTimes(5_000, 4_000, -1), accuracy: 0.75);
        metrics.Pipelines[0].Ended(QueryOutcome.Expired);
        metrics.Variants[0][0][0].Served();

        var seen = listener.Observe();

        Assert.Equal(2, seen["loki.arrivals traffic"]);
        Assert.Equal(1, seen["loki.queries traffic completed"]);
        Assert.Equal(1, seen["loki.queries traffic expired"]);
        Assert.Equal(1, seen["loki.queries.beyond_slo traffic"]);
        Assert.Equal(1, seen["loki.pending.queries traffic"]);
        Assert.Equal(0.75, seen["loki.accuracy_sum traffic"], 6);
        Assert.Equal(0.5, seen["loki.deadline_attainment traffic"], 6);
        Assert.Equal(1, seen["loki.rows traffic detect detect-n"]);
    }

    [Fact]
    public void Histograms_Recorded_ReachListenersInSecondsAndTheEngineInMicroseconds()
    {
        using var metrics = new ServingMetrics([TestPipelines.Traffic]);
        using var listener = new Listener(metrics);
        metrics.DoorUs.Record(1_500);
        metrics.Pipelines[0].Ended(QueryOutcome.Completed, new QueryTimes(5_001, 4_000, -1), accuracy: 0.75);
        metrics.Variants[0][0][0].Ran(3, 10, 200_000, 30);
        metrics.Variants[0][0][1].QueueUs.Record(-5);

        var seen = listener.Observe();

        Assert.Equal(0.0015, seen["loki.door"], 12);
        Assert.Equal(0.005001, seen["loki.request traffic"], 12);
        Assert.Equal(0.2, seen["loki.compute traffic detect detect-n"], 12);
        Assert.Equal(3, seen["loki.batch.rows traffic detect detect-n"]);
        Assert.Equal((1, 1_500), (metrics.DoorUs.Count, metrics.DoorUs.Sum));
        Assert.Equal((1, 5_001), (metrics.Pipelines[0].RequestUs.Count, metrics.Pipelines[0].RequestUs.Sum));
        Assert.Equal((1, 200_000), (metrics.Variants[0][0][0].ComputeUs.Count, metrics.Variants[0][0][0].ComputeUs.Sum));
        Assert.Equal((1, 0), (metrics.Variants[0][0][1].QueueUs.Count, metrics.Variants[0][0][1].QueueUs.Sum));
    }

    [Fact]
    public void Record_AnyMicroseconds_ComeBackAsTheyWere()
    {
        using var metrics = new ServingMetrics([]);
        var random = new Random(1);
        var sum = 0L;
        for (var i = 0; i < 10_000; i++)
        {
            var us = random.NextInt64(1L << random.Next(1, 45));
            metrics.PlanUs.Record(us);
            Assert.Equal(sum += us, metrics.PlanUs.Sum);
        }
    }

    [Fact]
    public void Record_SeriesOfAnInstrument_AllocatesNothing()
    {
        using var metrics = new ServingMetrics([TestPipelines.Traffic]);
        var series = metrics.Variants[0][0][0].QueueUs;
        series.Record(1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            series.Record(i);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Instruments_OfAnEngine_SayWhatAndInWhichUnit()
    {
        using var metrics = new ServingMetrics([TestPipelines.Traffic]);
        metrics.View.Look(families =>
        {
            Assert.Distinct(families.Select(f => f.Instrument.Name));
            Assert.All(families, f => Assert.False(string.IsNullOrWhiteSpace(f.Instrument.Description), f.Instrument.Name));
            Assert.All(families.Where(f => f.Instrument.Unit is null), f => Assert.Equal("loki.accuracy_sum", f.Instrument.Name));
            Assert.All(families, f => Assert.Equal(ServingMetrics.MeterName, f.Instrument.Meter.Name));
        });
    }

    /// <summary>By instrument and tags, added up.</summary>
    private sealed class Listener : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Dictionary<string, double> _seen = new(StringComparer.Ordinal);

        public Listener(ServingMetrics metrics)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == metrics.Meter)
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
            _listener.Start();
        }

        public Dictionary<string, double> Observe()
        {
            _listener.RecordObservableInstruments();
            return _seen;
        }

        public void Dispose() => _listener.Dispose();

        private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var key = instrument.Name;
            foreach (var (_, tag) in tags)
                key += $" {tag}";
            _seen[key] = _seen.GetValueOrDefault(key) + value;
        }
    }
}
