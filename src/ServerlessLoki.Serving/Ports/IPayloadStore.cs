namespace ServerlessLoki.Serving.Ports;

/// <summary>Store of payloads that are too large to travel inline (claim check), and of inputs of durable runs.</summary>
public interface IPayloadStore
{
    /// <summary>Stores bytes durably and returns a self-describing, versioned token.</summary>
    ValueTask<string> PutAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

    /// <summary>Reads the bytes of a token; null if they were deleted.</summary>
    ValueTask<byte[]?> FindAsync(string token, CancellationToken cancellationToken);

    /// <summary>Deletes the bytes of a token; nothing happens if they are gone.</summary>
    ValueTask DeleteAsync(string token, CancellationToken cancellationToken);
}
