namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Bytes that travel with a message, or lie in the payload store and only their token travels (claim check).</summary>
public sealed record StagePayload
{
    /// <summary>More bytes than this travel by token: with the other members a message stays below the 256 KB that the standard
    /// tier of Service Bus takes (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas).</summary>
    public const int InlineLimitBytes = 200_000;

    /// <summary>What they are.</summary>
    public required StagePayloadKind Kind { get; init; }

    /// <summary>Pixels per row of <see cref="StagePayloadKind.Pixels"/>; 0 otherwise.</summary>
    public int Width { get; init; }

    /// <summary>Rows of <see cref="StagePayloadKind.Pixels"/>; 0 otherwise.</summary>
    public int Height { get; init; }

    /// <summary>The bytes themselves; empty when they travel by <see cref="Token"/>.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>Where they lie in <see cref="Ports.IPayloadStore"/>; null when they are in <see cref="Bytes"/>.</summary>
    public string? Token { get; init; }

    /// <summary>Compares the bytes, not the memory that holds them.</summary>
    public bool Equals(StagePayload? other) =>
        other is not null && Kind == other.Kind && Width == other.Width && Height == other.Height && Token == other.Token
        && Bytes.Span.SequenceEqual(other.Bytes.Span);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Kind, Width, Height, Token, Bytes.Length);
}
