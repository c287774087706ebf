namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Bytes that travel with a message, or that are in the payload store and travel as a token (claim check).</summary>
public sealed record StagePayload
{
    /// <summary>Most bytes that travel inline, so that a message with its other members stays below the 256 KB of Service Bus' standard
    /// tier (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas). Larger payloads travel by token.</summary>
    public const int InlineLimitBytes = 200_000;

    /// <summary>Kind of the bytes.</summary>
    public required StagePayloadKind Kind { get; init; }

    /// <summary>Pixels per row of <see cref="StagePayloadKind.Pixels"/>; 0 otherwise.</summary>
    public int Width { get; init; }

    /// <summary>Rows of <see cref="StagePayloadKind.Pixels"/>; 0 otherwise.</summary>
    public int Height { get; init; }

    /// <summary>Bytes of the payload; empty when they travel by <see cref="Token"/>.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>Token of the bytes in <see cref="Ports.IPayloadStore"/>; null when they are in <see cref="Bytes"/>.</summary>
    public string? Token { get; init; }

    /// <summary>Compares payloads by their bytes.</summary>
    public bool Equals(StagePayload? other) =>
        other is not null && Kind == other.Kind && Width == other.Width && Height == other.Height && Token == other.Token
        && Bytes.Span.SequenceEqual(other.Bytes.Span);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Kind, Width, Height, Token, Bytes.Length);
}
