namespace ServerlessLoki.TestUtils;

/// <summary>One Azurite for all tests of the assembly, started by the first that asks. Tests keep apart by names of their own.</summary>
public sealed class AzuriteFixture : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task<AzuriteProcess>? _started;

    /// <summary>A name that no other test uses, good for tables and containers.</summary>
    public static string UniqueName() => "t" + Guid.NewGuid().ToString("N")[..20];

    /// <summary>Its connection string; skips the test where Azurite is not installed.</summary>
    public async Task<string> ConnectionStringAsync()
    {
        if (AzuriteProcess.Missing is { } reason)
            Assert.Skip(reason);
        Task<AzuriteProcess> started;
        lock (_gate)
            started = _started ??= AzuriteProcess.StartAsync();
        return (await started).ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        if (_started is { } started)
            await (await started).DisposeAsync();
    }
}
