using ServerlessLoki.Serving.Remote;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Remote;

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
