using System.Collections.Concurrent;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.Tests.ServiceBus;

internal sealed class MemoryPayloads : IPayloadStore
{
    public ConcurrentDictionary<string, byte[]> Stored { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads fail while it is above 0; each lowers it.</summary>
    public int Faults;

    public ValueTask<string> PutAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var token = $"memory:{Stored.Count}";
        Stored[token] = payload.ToArray();
        return new(token);
    }

    public ValueTask<byte[]?> FindAsync(string token, CancellationToken cancellationToken) =>
        Interlocked.Decrement(ref Faults) >= 0 ? throw new IOException("The store is away.") : new(Stored.GetValueOrDefault(token));

    public ValueTask DeleteAsync(string token, CancellationToken cancellationToken)
    {
        Stored.TryRemove(token, out _);
        return ValueTask.CompletedTask;
    }
}
