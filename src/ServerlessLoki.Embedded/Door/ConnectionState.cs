using Microsoft.AspNetCore.Connections;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Embedded.Door;

/// <summary>State of one connection; a feature of its requests.</summary>
internal sealed class ConnectionState(ConnectionContext connection, TimeProvider time) : IRetryTimes
{
    private int _running;
    private long _requests;
    private long _lastUsed = time.GetTimestamp();
    private long _flushDueBy;
    private long _retryAt = long.MinValue;

    /// <summary>Number of requests in progress.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Time when the last request ended, or the connection was made.</summary>
    public long LastUsed => Interlocked.Read(ref _lastUsed);

    public TimeSpan Left => Interlocked.Read(ref _retryAt) is var at && at == long.MinValue ? TimeSpan.Zero : time.GetElapsedTime(time.GetTimestamp(), at);

    public void ComeBackIn(TimeSpan wait) =>
        Interlocked.Exchange(ref _retryAt, time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency));

    /// <summary>Counts a request and returns the number so far.</summary>
    public long BeginRequest()
    {
        Interlocked.Increment(ref _running);
        return Interlocked.Increment(ref _requests);
    }

    public Task EndRequest()
    {
        Interlocked.Exchange(ref _lastUsed, time.GetTimestamp());
        Interlocked.Decrement(ref _running);
        return Task.CompletedTask;
    }

    /// <summary>Starts the time in which the client must read the sent bytes.</summary>
    public void BeginFlush(TimeSpan patience) =>
        Interlocked.Exchange(ref _flushDueBy, time.GetTimestamp() + (long)(patience.TotalSeconds * time.TimestampFrequency));

    public void EndFlush() => Interlocked.Exchange(ref _flushDueBy, 0);

    /// <summary>Tests whether the client has not read the sent bytes in its time.</summary>
    public bool IsStuck(long now) => Interlocked.Read(ref _flushDueBy) is var due && due != 0 && now > due;

    /// <summary>True once the connection was told to end; it ends a little later.</summary>
    public bool IsCut { get; private set; }

    public void Cut(string why)
    {
        IsCut = true;
        connection.Abort(new ConnectionAbortedException(why));
    }
}
