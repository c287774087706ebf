using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Distributed.Worker;

namespace ServerlessLoki.Serving.Distributed.Tests.Worker;

public sealed class InputCacheTests
{
    private const int Bytes = 100;
    private readonly MemoryPayloads _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Find_MoreThanFits_ForgetsWhatWasUsedLongestAgo()
    {
        var cache = new InputCache(_store, 2 * Bytes);
        var (first, second, third) = (await StoreAsync(), await StoreAsync(), await StoreAsync());
        await FetchesAsync(cache, first, 1);
        await FetchesAsync(cache, second, 1);
        await FetchesAsync(cache, first, 0);

        await FetchesAsync(cache, third, 1);

        await FetchesAsync(cache, first, 0);
        await FetchesAsync(cache, third, 0);
        await FetchesAsync(cache, second, 1);
        await FetchesAsync(cache, first, 1);
    }

    private async Task<StagePayload> StoreAsync() => new() { Kind = StagePayloadKind.Tensor, Token = await _store.PutAsync(new byte[Bytes], Token) };

    private async Task FetchesAsync(InputCache cache, StagePayload payload, int count)
    {
        var before = _store.Fetched;
        Assert.NotNull(await cache.FindAsync(payload, "q", Token));
        Assert.Equal(count, _store.Fetched - before);
    }
}
