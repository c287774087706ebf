namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>All items in one page, asked for when the enumeration begins.</summary>
internal sealed class BrokerPages<T>(Func<CancellationToken, Task<IReadOnlyList<T>>> read, CancellationToken cancellationToken) : AsyncPageable<T>(cancellationToken)
{
    public override async IAsyncEnumerable<Page<T>> AsPages(string continuationToken = null, int? pageSizeHint = null)
    {
        yield return Page<T>.FromValues(await read(CancellationToken), null, new BrokerResponse(200));
    }
}
