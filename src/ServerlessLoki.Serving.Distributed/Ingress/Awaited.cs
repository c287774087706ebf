using System.Collections.Concurrent;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Ingress;

/// <summary>What this process waits for while workers serve it.</summary>
internal abstract class Awaited(QueryScope query)
{
    private readonly ConcurrentQueue<string> _tokens = new();

    public QueryScope Query { get; } = query;

    /// <summary>Takes a reply whose tensor is inline; replies come in any order and more than once.</summary>
    /// <exception cref="FormatException">It is not about what was asked.</exception>
    public abstract void Take(StageReply reply);

    /// <summary>Nobody waits any more.</summary>
    public virtual void Forget()
    {
    }

    /// <summary>Something lies in the payload store that nobody needs when the query has ended.</summary>
    public void Stored(string? token)
    {
        if (token is not null)
            _tokens.Enqueue(token);
    }

    /// <summary>Deletes what is stored.</summary>
    public async Task CleanAsync(IPayloadStore payloads)
    {
        while (_tokens.TryDequeue(out var token))
            await payloads.DeleteAsync(token, CancellationToken.None);
    }
}
