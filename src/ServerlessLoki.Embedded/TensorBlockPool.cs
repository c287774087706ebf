using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace ServerlessLoki.Embedded;

/// <summary>Memory pool that gives Kestrel blocks of 64 KB instead of 4 KB: a tensor of a megabyte then takes sixteen reads of the socket
/// instead of hundreds.</summary>
internal sealed class TensorBlockPool : IMemoryPoolFactory<byte>
{
    private readonly ConcurrentBag<Pool> _pools = [];

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null)
    {
        var pool = new Pool();
        _pools.Add(pool);
        return pool;
    }

    /// <summary>Releases the kept blocks to the garbage collector.</summary>
    public void Trim()
    {
        foreach (var pool in _pools)
            pool.Trim();
    }

    private sealed class Pool : MemoryPool<byte>
    {
        private const int BlockBytes = 64 << 10;

        /// <summary>Most blocks kept for reuse, two for each of thousands of connections: with fewer, many connections cause constant
        /// allocation and collection, which took half a core.</summary>
        private static readonly int MostKept = (int)(Math.Min(256L << 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 32) / BlockBytes);

        /// <summary>Free blocks. The last used is taken first, since it is still in the cache.</summary>
        private readonly ConcurrentStack<Block> _free = new();
        private int _kept;

        public override int MaxBufferSize => BlockBytes;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
            if (!_free.TryPop(out var block))
                return new Block(this);
            Interlocked.Decrement(ref _kept);
            return block;
        }

        public void Trim()
        {
            while (_free.TryPop(out _))
                Interlocked.Decrement(ref _kept);
        }

        protected override void Dispose(bool disposing) => Trim();

        private void Return(Block block)
        {
            if (Interlocked.Increment(ref _kept) <= MostKept)
                _free.Push(block);
            else
                Interlocked.Decrement(ref _kept);
        }

        private sealed class Block(Pool pool) : IMemoryOwner<byte>
        {
            // Pinned for good: the socket would pin it for each read.
            private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);

            public Memory<byte> Memory => _bytes;

            public void Dispose() => pool.Return(this);
        }
    }
}
