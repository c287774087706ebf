namespace ServerlessLoki.Serving.Api;

/// <summary>Bytes that requests in hand may hold together; what goes beyond is refused before its body is read.</summary>
/// <param name="most">Most bytes. A single request is always taken when no other is there.</param>
internal sealed class ByteBudget(long most)
{
    private long _used;

    /// <summary>Bytes in hand.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Takes a share until it is disposed.</summary>
    /// <exception cref="ApiFaultException">429: too much is in hand already.</exception>
    public Share Take(long bytes)
    {
        var used = Interlocked.Add(ref _used, bytes);
        if (used <= most || used == bytes)
            return new Share(this, bytes);
        Interlocked.Add(ref _used, -bytes);
        throw new ApiFaultException(
            429, "rejected", $"Requests in hand hold {(used - bytes) >> 20} of {most >> 20} MB: there is no room for {bytes} more bytes. Try again shortly.", TimeSpan.FromSeconds(1));
    }

    /// <summary>What one request holds.</summary>
    internal sealed class Share(ByteBudget budget, long bytes) : IDisposable
    {
        private long _bytes = bytes;

        /// <summary>Now it is this much: the body's length became known, or an image was unpacked.</summary>
        public void Resize(long bytes) => Interlocked.Add(ref budget._used, bytes - Interlocked.Exchange(ref _bytes, bytes));

        public void Dispose() => Resize(0);
    }
}
