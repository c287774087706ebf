using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Distributed.Worker;

namespace ServerlessLoki.Serving.Distributed.Tests.Messages;

public sealed class PayloadsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bytes_OfADeletedPayload_AreNone()
    {
        var store = new MemoryPayloads();
        var token = await store.PutAsync(new byte[] { 1, 2 }, Token);
        var payload = new StagePayload { Kind = StagePayloadKind.Picture, Token = token };
        Assert.Equal([1, 2], (await Payloads.BytesAsync(payload, store, Token))!.Value.ToArray());
        await store.DeleteAsync(token, Token);

        Assert.Null(await Payloads.BytesAsync(payload, store, Token));
        Assert.Null(await new InputCache(store, 1 << 20).FindAsync(payload, "q", Token));
    }
}
