using System.Collections.Concurrent;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Ingress;

/// <summary>Query or direct inference that this ingress waits for while workers serve it.</summary>
internal abstract class IngressScope(QueryScope query)
{
    private readonly ConcurrentQueue<string> _tokens = new();

    public QueryScope Query { get; } = query;

    /// <summary>Accepts a reply whose tensor is inline; replies come in any order and more than once.</summary>
    /// <exception cref="FormatException">The reply does not belong to this query.</exception>
    public abstract void Take(StageReply reply);

    /// <summary>Ends the wait: later replies are dropped.</summary>
    public virtual void Forget()
    {
    }

    /// <summary>Records a stored payload, which is deleted when the query ends.</summary>
    public void Stored(string? token)
    {
        if (token is not null)
            _tokens.Enqueue(token);
    }

    /// <summary>Deletes the stored payloads.</summary>
    public async Task CleanAsync(IPayloadStore payloads)
    {
        while (_tokens.TryDequeue(out var token))
            await payloads.DeleteAsync(token, CancellationToken.None);
    }
}
