using System.Collections.Concurrent;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.Tests.Doubles;

/// <summary>Payloads in memory, counted.</summary>
internal sealed class MemoryPayloads : IPayloadStore
{
    private readonly ConcurrentDictionary<string, byte[]> _payloads = new(StringComparer.Ordinal);
    private int _next;
    private int _fetched;

    public int Fetched => Volatile.Read(ref _fetched);

    public int Count => _payloads.Count;

    public int Stored => Volatile.Read(ref _next);

    public ValueTask<string> PutAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var token = $"memory:{Interlocked.Increment(ref _next)}";
        _payloads[token] = payload.ToArray();
        return ValueTask.FromResult(token);
    }

    public ValueTask<byte[]?> FindAsync(string token, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _fetched);
        return ValueTask.FromResult(_payloads.GetValueOrDefault(token));
    }

    public ValueTask DeleteAsync(string token, CancellationToken cancellationToken)
    {
        _payloads.TryRemove(token, out _);
        return ValueTask.CompletedTask;
    }
}
