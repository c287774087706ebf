namespace ServerlessLoki.Serving.Ports;

/// <summary>Payloads too large to travel inline (claim check), and inputs of durable runs.</summary>
public interface IPayloadStore
{
    /// <summary>Stores bytes; durable when the call returns. The token is self-describing and versioned.</summary>
    ValueTask<string> PutAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

    /// <summary>The bytes of a token; null if they were deleted.</summary>
    ValueTask<byte[]?> FindAsync(string token, CancellationToken cancellationToken);

    /// <summary>Deletes; nothing happens if they are gone.</summary>
    ValueTask DeleteAsync(string token, CancellationToken cancellationToken);
}
