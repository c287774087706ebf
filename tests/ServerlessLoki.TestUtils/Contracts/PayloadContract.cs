namespace ServerlessLoki.TestUtils.Contracts;

/// <summary>What every store of payloads promises.</summary>
public abstract class PayloadContract : StoreContract
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5_000_000)]
    public async Task Put_AnySize_IsFoundUntilDeleted(int bytes)
    {
        var whole = new byte[bytes + 10];
        new Random(bytes).NextBytes(whole);

        var token = await It.Payloads.PutAsync(whole.AsMemory(5, bytes), Token);

        Assert.Equal(whole[5..^5], await It.Payloads.FindAsync(token, Token));
        await It.Payloads.DeleteAsync(token, Token);
        Assert.Null(await It.Payloads.FindAsync(token, Token));
        await It.Payloads.DeleteAsync(token, Token);
    }

    [Fact]
    public async Task Put_SameBytesTwice_AreTwoPayloads()
    {
        var (one, two) = (await It.Payloads.PutAsync(new byte[] { 1, 2 }, Token), await It.Payloads.PutAsync(new byte[] { 1, 2 }, Token));
        await It.Payloads.DeleteAsync(one, Token);
        Assert.Equal([1, 2], await It.Payloads.FindAsync(two, Token));
    }

    [Theory]
    [InlineData("other:1:5")]
    [InlineData("")]
    public async Task Token_OfAnotherStore_IsRefused(string token)
    {
        await Assert.ThrowsAsync<FormatException>(async () => await It.Payloads.FindAsync(token, Token));
        await Assert.ThrowsAsync<FormatException>(async () => await It.Payloads.DeleteAsync(token, Token));
    }
}
