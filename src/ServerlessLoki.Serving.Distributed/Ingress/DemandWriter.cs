using System.Collections.Concurrent;
using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Serving.Control;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Distributed.Ingress;

/// <summary>Writer of an ingress' demand: one sample for each second, written late if necessary, since a missing second looks like one
/// without demand.</summary>
internal sealed class DemandWriter(
    string source, PipelineIndex index, ServingMetrics metrics, IngressMonitor monitor, ServingClock clock, IStateStore state, Func<int, double> plannedQps)
{
    /// <summary>Most samples kept while the store is unavailable, one per second: as far as planners look back.</summary>
    private const int MostUnwritten = 120;
    private readonly ImmutableArray<PipelineWatch> _watches = [.. metrics.Pipelines.Select(m => new PipelineWatch(m))];
    private readonly ImmutableArray<DemandCount> _demand = [.. index.Pipelines.Select(_ => new DemandCount())];
    private readonly long[] _reported = new long[index.Pipelines.Length];
    private readonly ConcurrentQueue<(DateTimeOffset Second, string Json)> _unwritten = new();
    private long _lastSecond = -1;
    private long _lastUs;

    /// <summary>Figures of the last second, by pipeline; empty before the first has ended.</summary>
    public ImmutableArray<PipelineTick> Ticks { get; private set; } = [];

    /// <summary>Records the demand since the last call under the current second; nothing if that second is recorded already.</summary>
    public void Fold()
    {
        var now = clock.Time.GetUtcNow();
        var second = now.ToUnixTimeSeconds();
        if (second == _lastSecond)
            return;
        _lastSecond = second;
        var (fromUs, nowUs) = (_lastUs, clock.NowUs);
        _lastUs = nowUs;
        var span = TimeSpan.FromMicroseconds(Math.Max(1, nowUs - fromUs));
        Ticks = [.. _watches.Select((w, p) => w.Fold(_demand[p].Take(nowUs, metrics.Pipelines[p].Urgent, metrics.Pipelines[p].UrgentRefused), span, plannedQps(p)))];
        monitor.Believe(_demand);
        var recent = monitor.Recent()?.Arrivals.Where(a => a.AtUs > fromUs && a.AtUs <= nowUs).ToLookup(a => a.Pipeline, a => a.AtUs - fromUs);
        var report = new DemandReport([.. index.Pipelines.Select((p, i) => Of(p.Name, i, recent?[i].ToList() ?? [], span))]);
        _unwritten.Enqueue((now, report.ToJson()));
        while (_unwritten.Count > MostUnwritten)
            _unwritten.TryDequeue(out _);
    }

    /// <summary>Writes the recorded samples, oldest first; samples that fail stay for the next call.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        while (_unwritten.TryPeek(out var sample))
        {
            await state.AddSampleAsync(DemandReport.Series, source, sample.Second, sample.Json, cancellationToken);
            // It may have been dropped for its age meanwhile; written twice it would replace itself.
            if (_unwritten.TryPeek(out var first) && first == sample)
                _unwritten.TryDequeue(out _);
        }
    }

    private PipelineDemandReport Of(string name, int pipeline, List<long> atUs, TimeSpan span)
    {
        var (demand, tick) = (_demand[pipeline].Total, Ticks[pipeline]);
        var (parents, children, squares) = monitor.TakeFanOut(pipeline);
        var report = new PipelineDemandReport
        {
            Name = name,
            Arrivals = demand - _reported[pipeline],
            Served = (long)Math.Round(tick.ServedQps * span.TotalSeconds),
            Lost = (long)Math.Round(tick.LostQps * span.TotalSeconds),
            MedianUs = double.IsNaN(tick.P50Ms) ? 0 : tick.P50Ms * 1000,
            // A span is a second, give or take a tick of the timer: its arrivals keep their order and their gaps.
            AtUs = [.. atUs.Select(a => (int)(a / span.TotalSeconds))],
            Parents = parents,
            Children = children,
            Squares = squares,
        };
        _reported[pipeline] = demand;
        return report;
    }
}
