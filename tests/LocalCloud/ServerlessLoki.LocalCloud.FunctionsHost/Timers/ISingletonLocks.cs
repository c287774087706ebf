namespace ServerlessLoki.LocalCloud.FunctionsHost.Timers;

/// <summary>Locks that only one of all hosts on a storage account holds.</summary>
internal interface ISingletonLocks
{
    /// <summary>Waits until this host holds the lock.</summary>
    Task<IHeldLock> AcquireAsync(string name, CancellationToken cancellationToken);
}
