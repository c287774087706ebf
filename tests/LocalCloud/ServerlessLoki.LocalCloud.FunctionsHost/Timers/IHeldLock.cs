namespace ServerlessLoki.LocalCloud.FunctionsHost.Timers;

/// <summary>A lock that this host holds until it is disposed or lost.</summary>
internal interface IHeldLock : IAsyncDisposable
{
    /// <summary>Fires when another host may hold it.</summary>
    CancellationToken Lost { get; }
}
