using ServerlessLoki.Azure.EndToEnd.Tests.Setup;

[assembly: AssemblyFixture(typeof(SharedSystem))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace ServerlessLoki.Azure.EndToEnd.Tests.Setup;

/// <summary>One system and one reference for all tests, which run one after the other. Each finds a host and a worker that are ready.</summary>
public sealed class SharedSystem : IAsyncDisposable
{
    private Task<TestSystem>? _started;
    private Reference? _reference;

    internal async Task<TestSystem> SystemAsync()
    {
        // What could not be started once is not tried again by each test.
        var system = await (_started ??= TestSystem.StartAsync(TestContext.Current.CancellationToken));
        await system.RestoreAsync(TestContext.Current.CancellationToken);
        return system;
    }

    internal async Task<Reference> ReferenceAsync() =>
        _reference ??= await Reference.StartAsync((await SystemAsync()).ModelFolder, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_reference is not null)
            await _reference.DisposeAsync();
        if (_started is { IsCompletedSuccessfully: true })
            await (await _started).DisposeAsync();
    }
}
