using System.Collections.Concurrent;
using Microsoft.Azure.Amqp;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>Closes connections that do not become AMQP connections in time, and tells of those that were refused, at most once a second.</summary>
/// <remarks>Real time, not the clock of the queues: this is about sockets.</remarks>
internal sealed partial class Doorman(TimeSpan patience, ILogger logger) : IDisposable
{
    private readonly ConcurrentDictionary<string, Timer> _strangers = new(StringComparer.Ordinal);
    private long _nextLine;
    private int _untold;

    /// <summary>A new connection, of which nothing is known yet.</summary>
    public void Watch(SocketTransport transport)
    {
        var peer = transport.RemoteEndPoint;
        _strangers[peer] = new Timer(_ => transport.SafeClose(new TimeoutException($"no AMQP connection within {patience.TotalSeconds:0.#} s")), null, patience, Timeout.InfiniteTimeSpan);
        transport.SafeAddClosed((_, _) =>
        {
            if (Forget(peer))
                Tell(peer, transport.TerminalException);
        });
    }

    /// <summary>It speaks AMQP.</summary>
    public void Admit(string peer) => Forget(peer);

    /// <summary>An AMQP connection has ended; only those that broke the protocol are worth a line.</summary>
    public void Closed(string peer, Exception? reason)
    {
        if (reason is AmqpException { Error.Condition: var condition } && !condition.Equals(AmqpErrorCode.ConnectionForced))
            Tell(peer, reason);
    }

    public void Dispose()
    {
        foreach (var peer in _strangers.Keys)
            Forget(peer);
    }

    private bool Forget(string peer)
    {
        if (!_strangers.TryRemove(peer, out var timer))
            return false;
        timer.Dispose();
        return true;
    }

    private void Tell(string peer, Exception? reason)
    {
        var now = Environment.TickCount64;
        var next = Interlocked.Read(ref _nextLine);
        if (now < next || Interlocked.CompareExchange(ref _nextLine, now + 1000, next) != next)
        {
            Interlocked.Increment(ref _untold);
            return;
        }

        LogRefused(peer, reason?.Message.ReplaceLineEndings(" ") ?? "it does not speak AMQP 1.0", Interlocked.Exchange(ref _untold, 0));
    }

    [LoggerMessage(1, LogLevel.Warning, "Connection from {Peer} refused: {Reason} ({Untold} more since the last line)")]
    private partial void LogRefused(string peer, string reason, int untold);
}
