using Microsoft.AspNetCore.Connections;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Embedded.Door;

/// <summary>What one connection is doing; a feature of its requests.</summary>
internal sealed class ConnectionState(ConnectionContext connection, TimeProvider time) : IRetryTimes
{
    private int _running;
    private long _requests;
    private long _lastUsed = time.GetTimestamp();
    private long _flushDueBy;
    private long _retryAt = long.MinValue;

    /// <summary>Requests that are being answered.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>When its last request ended, or it was made.</summary>
    public long LastUsed => Interlocked.Read(ref _lastUsed);

    public TimeSpan Left => Interlocked.Read(ref _retryAt) is var at && at == long.MinValue ? TimeSpan.Zero : time.GetElapsedTime(time.GetTimestamp(), at);

    public void ComeBackIn(TimeSpan wait) =>
        Interlocked.Exchange(ref _retryAt, time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency));

    /// <summary>Counts a request; returns how many there were so far.</summary>
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

    /// <summary>The client takes no more at present; it has this long.</summary>
    public void BeginFlush(TimeSpan patience) =>
        Interlocked.Exchange(ref _flushDueBy, time.GetTimestamp() + (long)(patience.TotalSeconds * time.TimestampFrequency));

    public void EndFlush() => Interlocked.Exchange(ref _flushDueBy, 0);

    /// <summary>True when the client has not taken what was sent in the time it had.</summary>
    public bool IsStuck(long now) => Interlocked.Read(ref _flushDueBy) is var due && due != 0 && now > due;

    /// <summary>True once it was told to go; it is gone a little later.</summary>
    public bool IsCut { get; private set; }

    public void Cut(string why)
    {
        IsCut = true;
        connection.Abort(new ConnectionAbortedException(why));
    }
}
