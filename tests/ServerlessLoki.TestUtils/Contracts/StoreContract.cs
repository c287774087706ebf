namespace ServerlessLoki.TestUtils.Contracts;

/// <summary>Tests that each implementation of the state store runs against itself.</summary>
public abstract class StoreContract : IAsyncLifetime
{
    /// <summary>Ends with the test.</summary>
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The store under test.</summary>
    protected IStoreUnderTest It { get; private set; } = null!;

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => It = await OpenAsync();

    /// <inheritdoc />
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Opens an empty store.</summary>
    protected abstract ValueTask<IStoreUnderTest> OpenAsync();
}
