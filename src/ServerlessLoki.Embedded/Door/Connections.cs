using System.Collections.Concurrent;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Embedded.Door;

/// <summary>Limits on connections: their number, and the time that a client may leave answers unread.</summary>
/// <remarks>At the limit the connections that have been idle longest are closed, so that clients that only connect keep no others
/// out.</remarks>
/// <param name="most">Most connections.</param>
/// <param name="patience">Time that a client has to read a full buffer, in addition to the time by <see cref="LeastRate"/>.</param>
/// <param name="time">Clock.</param>
internal sealed class Connections(int most, TimeSpan patience, TimeProvider time) : IDisposable
{
    /// <summary>Bytes per second that a client must take of an answer that does not fit its buffer.</summary>
    public const int LeastRate = 16 << 10;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<ConnectionState, bool> _open = [];
    private readonly Lock _gate = new();
    private ITimer? _sweep;
    private int _count;

    /// <summary>Current number of connections.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Guards one listener's connections.</summary>
    /// <param name="next">Serves a connection until it ends.</param>
    /// <param name="answersInText">True for HTTP/1, whose bare errors get a body.</param>
    public ConnectionDelegate Guard(ConnectionDelegate next, bool answersInText) => async connection =>
    {
        Start();
        var state = new ConnectionState(connection, time);
        var count = Interlocked.Increment(ref _count);
        _open[state] = true;
        try
        {
            if (count > most && !MakeRoom(state))
            {
                state.Cut("There are too many connections.");
                return;
            }

            connection.Features.Set(state);
            connection.Features.Set<IRetryTimes>(state);
            if (answersInText)
                connection.Transport = new Transport(connection.Transport.Input, new AnswerWriter(connection.Transport.Output, state, patience, time));
            await next(connection);
        }
        finally
        {
            _open.TryRemove(state, out _);
            Interlocked.Decrement(ref _count);
        }
    };

    public void Dispose() => _sweep?.Dispose();

    private void Start()
    {
        if (_sweep is not null)
            return;
        lock (_gate)
            _sweep ??= time.CreateTimer(static c => ((Connections)c!).CutStuck(), this, Interval, Interval);
    }

    private void CutStuck()
    {
        var now = time.GetTimestamp();
        foreach (var (state, _) in _open)
        {
            if (state.IsStuck(now))
                state.Cut("The client does not take its answers.");
        }
    }

    /// <summary>Closes some of the connections that have been idle longest. It closes several, since looking through all of them is too
    /// slow for every new one.</summary>
    private bool MakeRoom(ConnectionState newcomer)
    {
        lock (_gate)
        {
            var staying = _open.Keys.Where(s => !s.IsCut).ToList();
            var surplus = staying.Count - most;
            if (surplus <= 0)
                return true;
            var idle = staying.Where(s => s.Running == 0 && s != newcomer).OrderBy(s => s.LastUsed).Take(surplus + (most / 64)).ToList();
            idle.ForEach(s => s.Cut("There are too many connections, and this one was idle longest."));
            return idle.Count >= surplus;
        }
    }

    private sealed class Transport(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
