using NATS.Client.Core;

namespace ServerlessLoki.Nats.Storage;

/// <summary>Value of a key in a bucket.</summary>
/// <param name="Key">Key below the bucket.</param>
/// <param name="Revision">Revision by which the value may be replaced; above 0.</param>
/// <param name="Value">Bytes of the value; empty where only headers were asked for.</param>
/// <param name="Headers">Headers of the value; null where there are none.</param>
internal sealed record BucketEntry(string Key, ulong Revision, byte[] Value, NatsHeaders? Headers)
{
    public string? Header(string name) => Headers is not null && Headers.TryGetValue(name, out var value) ? value.ToString() : null;
}
