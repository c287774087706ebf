namespace ServerlessLoki.TestUtils;

/// <summary>One <c>nats-server</c> for all tests of the assembly, started by the first that asks. Tests keep apart by names of their own.</summary>
public sealed class NatsFixture : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task<NatsServerProcess>? _started;

    /// <summary>A prefix that no other test uses.</summary>
    public static string UniquePrefix() => "t" + Guid.NewGuid().ToString("N")[..12];

    /// <summary>Skips the running test where the program is not installed.</summary>
    public static void Require()
    {
        if (NatsServerProcess.Missing is { } reason)
            Assert.Skip(reason);
    }

    /// <summary>The server's address; skips the test where the program is not installed.</summary>
    public async Task<string> UrlAsync()
    {
        Require();
        Task<NatsServerProcess> started;
        lock (_gate)
            started = _started ??= NatsServerProcess.StartAsync();
        return (await started).Url;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_started is { } started)
            await (await started).DisposeAsync();
    }
}
