namespace ServerlessLoki.Serving.Memory;

/// <summary>Charge of memory that several owners hold in parts; freed with the last part. Thread-safe.</summary>
/// <param name="charge">The charge.</param>
/// <param name="parts">Number of parts.</param>
internal sealed class SharedCharge(IDisposable charge, int parts)
{
    private int _left = parts;

    /// <summary>Makes one part, which is freed once.</summary>
    public IDisposable Part() => new Share(this);

    private void Free()
    {
        if (Interlocked.Decrement(ref _left) == 0)
            charge.Dispose();
    }

    private sealed class Share(SharedCharge whole) : IDisposable
    {
        private SharedCharge? _whole = whole;

        public void Dispose() => Interlocked.Exchange(ref _whole, null)?.Free();
    }
}
