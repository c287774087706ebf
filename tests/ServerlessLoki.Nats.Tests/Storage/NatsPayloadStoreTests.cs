using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;
using ServerlessLoki.TestUtils.Contracts;
using static ServerlessLoki.TestUtils.Contracts.StoredRuns;

namespace ServerlessLoki.Nats.Tests.Storage;

public sealed class NatsPayloadStoreTests(NatsFixture nats) : PayloadContract
{
    private StoreUnderTest _it = null!;

    protected override async ValueTask<IStoreUnderTest> OpenAsync() => _it = await StoreUnderTest.CreateAsync(nats);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _it.DisposeAsync();
    }

    [Fact]
    public async Task Delete_LeavesNothing()
    {
        var token = await _it.Payloads.PutAsync(new byte[700_000], Token);
        Assert.StartsWith($"nats:1:{_it.Options.Prefix}-payloads/", token, StringComparison.Ordinal);
        await _it.Payloads.DeleteAsync(token, Token);
        Assert.Equal(0, await _it.ObjectsAsync("payloads"));
    }

    [Theory]
    [InlineData("nats:2:{0}-payloads/")]
    [InlineData("nats:1:other-payloads/")]
    [InlineData("nats:1:{0}-payloads/../")]
    public async Task Token_OfAnotherForm_IsRefused(string form)
    {
        var token = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, _it.Options.Prefix) + new string('0', 64) + "-0123456789abcdef";
        await Assert.ThrowsAsync<FormatException>(async () => await _it.Payloads.FindAsync(token, Token));
    }
}
