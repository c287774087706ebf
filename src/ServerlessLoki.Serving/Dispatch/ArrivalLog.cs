using System.Runtime.InteropServices;
using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Log of arrivals that no reader has taken yet. Any thread adds arrivals without a lock; one reader at a time takes
/// them.</summary>
/// <remarks>Blocks in a chain. A thread reserves a place in the last block, fills it and marks it; the reader stops before a place that is
/// not marked yet and finds it at its next look.</remarks>
internal sealed class ArrivalLog
{
    private Block _first = new(0);
    private Block _last;

    public ArrivalLog() => _last = _first;

    /// <summary>Number of arrivals in the log, some of which may have been dropped.</summary>
    internal int Count
    {
        get
        {
            var (first, last) = (Volatile.Read(ref _first), Volatile.Read(ref _last));
            return ((int)(last.Number - first.Number) * Block.Size) + last.Reserved - first.Taken;
        }
    }

    /// <summary>Adds an arrival.</summary>
    /// <param name="arrival">The arrival.</param>
    /// <param name="keepUs">Age after which blocks are dropped where no reader takes them, microseconds.</param>
    public void Add(in Arrival arrival, long keepUs)
    {
        while (true)
        {
            var last = Volatile.Read(ref _last);
            if (last.TryAdd(arrival))
                return;
            if (last.Next is null && Interlocked.CompareExchange(ref last.Next, new Block(last.Number + 1), null) is null)
                Forget(arrival.AtUs - keepUs);
            Interlocked.CompareExchange(ref _last, last.Next!, last);
        }
    }

    /// <summary>Moves the arrivals into a history; null = discards them. Arrivals added meanwhile may stay for the next call.</summary>
    public void TakeInto(ArrivalHistory? history)
    {
        var end = Volatile.Read(ref _last).Number;
        while (Volatile.Read(ref _first) is var first && first.Number <= end)
        {
            first.TakeInto(history);
            if (first.Taken < Block.Size || first.Next is not { } next)
                return;
            Interlocked.CompareExchange(ref _first, next, first);
        }
    }

    private void Forget(long beforeUs)
    {
        while (Volatile.Read(ref _first) is var first && first.Next is { } next && first.EndsBefore(beforeUs))
            Interlocked.CompareExchange(ref _first, next, first);
    }

    private sealed class Block(long number)
    {
        public const int Size = 256;
        private readonly Place[] _places = new Place[Size];
        private int _reserved;

        public volatile Block? Next;

        public long Number => number;

        /// <summary>Number of places that the reader has taken.</summary>
        public int Taken { get; private set; }

        public int Reserved => Math.Min(Size, Volatile.Read(ref _reserved));

        public bool TryAdd(in Arrival arrival)
        {
            if (Volatile.Read(ref _reserved) >= Size || Interlocked.Increment(ref _reserved) is var place && place > Size)
                return false;
            ref var mine = ref _places[place - 1];
            mine.Arrival = arrival;
            Volatile.Write(ref mine.IsFilled, true);
            return true;
        }

        public void TakeInto(ArrivalHistory? history)
        {
            for (; Taken < Size && Volatile.Read(ref _places[Taken].IsFilled); Taken++)
                history?.Add(in _places[Taken].Arrival);
        }

        /// <summary>Tests whether the block is full and its last arrival was before a given time.</summary>
        public bool EndsBefore(long us) => Volatile.Read(ref _places[^1].IsFilled) && _places[^1].Arrival.AtUs < us;

        [StructLayout(LayoutKind.Auto)]
        private struct Place
        {
            public Arrival Arrival;
            public bool IsFilled;
        }
    }
}
