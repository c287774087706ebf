using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Azure.Amqp;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>Time limit for connections to become AMQP connections; refused ones are logged, at most one line a second.</summary>
/// <remarks>Real time, not the clock of the queues, since the limit is about sockets.</remarks>
internal sealed partial class HandshakeWatch(TimeSpan patience, ILogger logger) : IDisposable
{
    private readonly ConcurrentDictionary<string, Timer> _pending = new(StringComparer.Ordinal);
    private long _nextLine;
    private int _untold;

    /// <summary>Starts the time limit of a new connection.</summary>
    public void Watch(SocketTransport transport)
    {
        var peer = transport.RemoteEndPoint;
        _pending[peer] = new Timer(_ => transport.SafeClose(new TimeoutException($"no AMQP connection within {patience.TotalSeconds:0.#} s")), null, patience, Timeout.InfiniteTimeSpan);
        transport.SafeAddClosed((_, _) =>
        {
            if (Forget(peer))
                Tell(peer, transport.TerminalException);
        });
    }

    /// <summary>Ends the time limit: the AMQP connection is open.</summary>
    public void Admit(string peer) => Forget(peer);

    /// <summary>Records that an open AMQP connection has ended; those that broke the protocol are logged.</summary>
    public void Closed(string peer, Exception? reason)
    {
        var isUsual = reason is null or IOException or SocketException or ObjectDisposedException or OperationCanceledException
            || (reason is AmqpException { Error.Condition: var condition } && condition.Equals(AmqpErrorCode.ConnectionForced));
        if (!isUsual)
            Tell(peer, reason);
    }

    public void Dispose()
    {
        foreach (var peer in _pending.Keys)
            Forget(peer);
    }

    private bool Forget(string peer)
    {
        if (!_pending.TryRemove(peer, out var timer))
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
