using System.Buffers;

namespace ServerlessLoki.Serving.Tests.Doubles;

/// <summary>Memory that the collector frees: pooled blocks are counted by other tests.</summary>
internal sealed class Bytes(byte[] bytes) : IMemoryOwner<byte>
{
    public Memory<byte> Memory => bytes;

    public void Dispose()
    {
    }
}
