using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Memory;

/// <summary>Alone with the other API tests: the pool is the process's.</summary>
[Collection(PooledCollection.Name)]
public sealed class BlockPoolTests
{
    [Fact]
    public void Rent_AnyLength_HasAtMostAQuarterOfSlack()
    {
        for (var length = 32 << 10; length < 70 << 20; length = (int)(length * 1.17) + 1)
        {
            var array = BlockPool.Rent(length);
            Assert.InRange(array.Length, length, length + (length / 4) + 8);
            BlockPool.Return(array);
        }

        BlockPool.Trim();
    }

    [Fact]
    public void Rent_AfterReturn_GivesTheSameArray()
    {
        BlockPool.Trim();
        var array = BlockPool.Rent(100_000);
        BlockPool.Return(array);
        Assert.Same(array, BlockPool.Rent(100_000));
        BlockPool.Return(array);
        BlockPool.Trim();
        Assert.NotSame(array, BlockPool.Rent(100_000));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(100_000)]
    public async Task Rent_ManyThreads_NoArrayIsGivenToTwoAndAllAreCounted(int length)
    {
        const int Threads = 4, Each = 20_000;
        BlockPool.Trim();
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(t => Task.Run(() =>
        {
            var mine = new Queue<byte[]>();
            for (var i = 0; i < Each; i++)
            {
                var array = BlockPool.Rent(length);
                array[0] = (byte)t;
                mine.Enqueue(array);
                if (mine.Count <= 4)
                    continue;
                var oldest = mine.Dequeue();
                Assert.Equal(t, oldest[0]);
                BlockPool.Return(oldest);
            }

            foreach (var array in mine)
                BlockPool.Return(array);
        })));
        Assert.InRange(BlockPool.Kept, length, Threads * 5 * (256 + (length * 5 / 4)));
        BlockPool.Trim();
        Assert.Equal(0, BlockPool.Kept);
    }

    [Fact]
    public void Return_MoreThanIsKept_IsBoundedAndTrimGivesAllBack()
    {
        BlockPool.Trim();
        Assert.Equal(0, BlockPool.Kept);
        var arrays = Enumerable.Range(0, 80).Select(_ => BlockPool.Rent(4 << 20)).ToList();
        arrays.ForEach(BlockPool.Return);
        Assert.InRange(BlockPool.Kept, 4 << 20, BlockPool.MostKept);
        BlockPool.Trim();
        Assert.Equal(0, BlockPool.Kept);
    }
}
