using System.Buffers;
using System.Runtime.InteropServices;
using ServerlessLoki.Serving.Memory;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Memory of one parsed request: its body, and the content parsed from it. Charged before it is allocated.</summary>
internal sealed class RequestMemory : IDisposable
{
    private readonly ByteBudget.Share? _share;
    private readonly List<PooledBytes> _owned;
    private int _shared;

    /// <summary>Starts with the body, which is charged already and becomes owned by this object.</summary>
    public RequestMemory(PooledBytes body) => (_share, _owned, Taken) = (body.Share, [body], body.Length);

    /// <summary>Bytes allocated for the request, the body included.</summary>
    public long Taken { get; private set; }

    /// <summary>Allocates memory that lives as long as the request.</summary>
    /// <exception cref="ApiFaultException">429: there is no room for it.</exception>
    public PooledBytes Rent(int bytes)
    {
        Charge(bytes);
        var memory = PooledBytes.Rent(bytes);
        _owned.Add(memory);
        return memory;
    }

    /// <summary>Charges memory that is about to be allocated elsewhere.</summary>
    /// <exception cref="ApiFaultException">429: there is no room for it.</exception>
    public void Charge(long bytes)
    {
        _share?.Grow(bytes);
        Taken += bytes;
    }

    /// <summary>Keeps what is allocated so far for several rows: <see cref="Detach"/> copies out of it from now on.</summary>
    public void ShareAmongRows() => _shared = _owned.Count;

    /// <summary>Detaches the memory that contains some bytes, so that it outlives the request.</summary>
    /// <param name="bytes">Bytes of the request.</param>
    /// <param name="held">Bytes of the detached memory.</param>
    /// <returns>Owner whose memory is exactly <paramref name="bytes"/>.</returns>
    public IMemoryOwner<byte> Detach(ReadOnlyMemory<byte> bytes, out long held)
    {
        for (var i = 0; i < _owned.Count; i++)
        {
            var owner = _owned[i];
            if (!owner.Span.Overlaps(bytes.Span))
                continue;
            if (i < _shared)
            {
                Charge(held = bytes.Length);
                return PooledBytes.CopyOf(bytes.Span);
            }

            _owned.RemoveAt(i);
            held = owner.Length;
            return new Slice(owner, MemoryMarshal.AsMemory(bytes));
        }

        // Only an empty tensor lies in none of them.
        held = 0;
        return PooledBytes.CopyOf(bytes.Span);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var owner in _owned)
            owner.Dispose();
        _owned.Clear();
    }

    private sealed class Slice(PooledBytes owner, Memory<byte> memory) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = memory;

        public void Dispose() => owner.Dispose();
    }
}
