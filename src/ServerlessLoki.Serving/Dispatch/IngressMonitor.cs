using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Counts children per query, and keeps arrivals at the ingress, rejected ones included as far as they are demand, for policies that look back. Thread-safe.</summary>
internal sealed class IngressMonitor(ImmutableArray<Pipeline> pipelines, ServingClock clock)
{
    private readonly long[][][] _parents = Counters(pipelines);
    private readonly long[][][] _children = Counters(pipelines);
    private readonly long[][][] _squares = Counters(pipelines);

    /// <summary>Lock of readers only: copying a minute of arrivals delays no request.</summary>
    private readonly Lock _reading = new();
    private readonly ArrivalLog _fresh = new();
    private ArrivalHistory? _history;
    private long _keepUs;
    private readonly ImmutableArray<FanOutEstimator> _fanOut = [.. pipelines.Select(p => new FanOutEstimator(p))];

    /// <summary>Number of arrivals that no reader has taken, see <see cref="ArrivalLog.Count"/>.</summary>
    internal int Unread => _fresh.Count;

    public void Arrived(in Arrival arrival)
    {
        if (Volatile.Read(ref _keepUs) is > 0 and var keepUs)
            _fresh.Add(arrival, keepUs);
    }

    /// <summary>Sets how long arrivals are kept from now on; 0 = not at all.</summary>
    public void Keep(TimeSpan span)
    {
        lock (_reading)
        {
            Volatile.Write(ref _keepUs, (long)span.TotalMicroseconds);
            _fresh.TakeInto(_history);
            _history = span > TimeSpan.Zero ? new ArrivalHistory(span, clock.NowUs) : null;
        }
    }

    /// <summary>Thins out the arrivals since the last call to those that are demand. Called by one loop only.</summary>
    /// <param name="demand">Demand counters, one per pipeline, just updated.</param>
    public void Believe(ImmutableArray<DemandCount> demand)
    {
        lock (_reading)
        {
            _fresh.TakeInto(_history);
            _history?.Believe(demand.AsSpan());
        }
    }

    /// <summary>Returns the arrivals that are kept; null when none are.</summary>
    public ArrivalWindow? Recent()
    {
        lock (_reading)
        {
            _fresh.TakeInto(_history);
            return _history?.Window(clock.NowUs);
        }
    }

    public void FannedOut(int pipeline, int edge, int parentVariant, int children)
    {
        Interlocked.Increment(ref _parents[pipeline][edge][parentVariant]);
        Interlocked.Add(ref _children[pipeline][edge][parentVariant], children);
        Interlocked.Add(ref _squares[pipeline][edge][parentVariant], (long)children * children);
    }

    /// <summary>Updates the fan-out estimate with the counts since the last call. Called by the control loop only.</summary>
    public FanOut FoldFanOut(int pipeline)
    {
        var (parents, children, squares) = (_parents[pipeline], _children[pipeline], _squares[pipeline]);
        for (var edge = 0; edge < parents.Length; edge++)
        {
            for (var variant = 0; variant < parents[edge].Length; variant++)
            {
                if (Interlocked.Exchange(ref parents[edge][variant], 0) is > 0 and var seen)
                    _fanOut[pipeline].Observe(edge, variant, seen, Interlocked.Exchange(ref children[edge][variant], 0), Interlocked.Exchange(ref squares[edge][variant], 0));
            }
        }

        return _fanOut[pipeline].Current;
    }

    /// <summary>What was counted since the last call, [edge][parent variant]: for a planner in another process.</summary>
    public (ImmutableArray<ImmutableArray<long>> Parents, ImmutableArray<ImmutableArray<long>> Children, ImmutableArray<ImmutableArray<long>> Squares) TakeFanOut(int pipeline)
    {
        return (Take(_parents[pipeline]), Take(_children[pipeline]), Take(_squares[pipeline]));

        static ImmutableArray<ImmutableArray<long>> Take(long[][] counters)
        {
            var taken = ImmutableArray.CreateBuilder<ImmutableArray<long>>(counters.Length);
            foreach (var edge in counters)
            {
                var row = ImmutableArray.CreateBuilder<long>(edge.Length);
                for (var variant = 0; variant < edge.Length; variant++)
                    row.Add(Interlocked.Exchange(ref edge[variant], 0));
                taken.Add(row.MoveToImmutable());
            }

            return taken.MoveToImmutable();
        }
    }

    private static long[][][] Counters(ImmutableArray<Pipeline> pipelines) =>
        [.. pipelines.Select(p => p.Edges.Select(e => new long[p.Tasks[e.From].Variants.Length]).ToArray())];
}
