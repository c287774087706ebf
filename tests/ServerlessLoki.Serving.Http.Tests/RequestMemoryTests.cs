using System.Text;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Http.Tests;

/// <summary>What is read out of a body, and what a model makes of it, is charged before it is taken, and given back.</summary>
[Collection(PooledCollection.Name)]
public sealed class RequestMemoryTests
{
    private const int Rows = 10_000;
    private const string Echo = "/v2/models/echo-FP64/infer";

    /// <summary>Two characters an element, which takes eight bytes.</summary>
    private static readonly string Zeros = $$"""{"inputs":[{"name":"x","shape":[{{Rows}},2],"datatype":"FP64","data":[{{string.Join(',', Enumerable.Repeat('0', 2 * Rows))}}]}]}""";

    [Fact]
    public async Task Infer_JsonTensorOfAVariant_IsChargedUntilTheEngineFreesIt()
    {
        await using var host = await ApiHost.StartAsync();
        long used = 0;
        host.Engine.Infer = r =>
        {
            used = host.Context.Budget.Used;
            return new VariantResult(QueryOutcome.Completed, null, r.Inputs);
        };
        using var response = await host.Client.PostJsonAsync(Echo, Zeros);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(Zeros.Length + (16 * Rows), used);
        await TestEngine.UntilAsync(() => host.Context.Budget.Used == 0);
        Assert.Equal(0, PooledBytes.Rented);
    }

    [Theory]
    [InlineData(Echo, "tensor")]
    [InlineData(Echo, "text")]
    [InlineData("/v2/models/plain/infer", "tensor")]
    public async Task Infer_NoRoomForTheTensorOrItsText_Is429AndNothingStays(string path, string what)
    {
        // The body fits; in the second case its tensor does as well, and the answer's text does not.
        var budget = what == "tensor" ? Zeros.Length + (8 * Rows) : Zeros.Length + (20 * Rows);
        await using var host = await ApiHost.StartAsync(new InferLimits { MaxBytesInHand = 1 << 20 });
        using (host.Context.Budget.Take((1 << 20) - budget))
        {
            using var refused = await host.Client.PostJsonAsync(path, path == Echo ? Zeros : Zeros.Replace("FP64", "FP32", StringComparison.Ordinal).Replace("0,0", "0,0.000", StringComparison.Ordinal));
            await refused.ErrorAsync(429, "rejected");
        }

        await TestEngine.UntilAsync(() => host.Context.Budget.Used == 0);
        Assert.Equal(0, PooledBytes.Rented);
        using var served = await host.Client.PostJsonAsync(Echo, Zeros);
        Assert.Equal(200, (int)served.StatusCode);
    }

    [Fact]
    public void Parse_ManyTensorsOfText_TakeTheirOwnLengthEach()
    {
        var tensors = Enumerable.Range(0, 64).Select(i => $$"""{"name":"t{{i}}","shape":[1],"datatype":"BYTES","data":["{{new string('a', 1000)}}"]}""");
        var json = Encoding.UTF8.GetBytes($$"""{"inputs":[{{string.Join(',', tensors)}}]}""");
        var budget = new ByteBudget(1 << 20);
        using var share = budget.Take(json.Length);
        var body = PooledBytes.CopyOf(json);
        body.Share = share;
        using (var request = InferRequestParser.Parse(body, null, new InferLimits()))
        {
            Assert.Equal(64, request.Inputs.Count);
            // Brackets and quotes are four bytes, and so is the length of an element.
            Assert.Equal(json.Length + (64 * (1000 + 8)), budget.Used);
            Assert.Equal(budget.Used, request.Memory.Taken);
        }

        Assert.Equal(0, PooledBytes.Rented);
    }

    [Fact]
    public async Task Infer_NoRoomForTheOutputs_IsRejectedAndNothingStays()
    {
        await using var test = await TestEngine.StartAsync();
        var budget = new ByteBudget(1000);
        using (budget.Take(900))
        {
            using var refused = await test.Engine.InferAsync(Asked(budget), TestContext.Current.CancellationToken);
            Assert.Equal(QueryOutcome.Rejected, refused.Outcome);
            Assert.Contains("no room for 80 more bytes", refused.Error, StringComparison.Ordinal);
            Assert.Equal(TimeSpan.FromSeconds(1), refused.RetryAfter);
            await TestEngine.UntilAsync(() => budget.Used == 900);
        }

        using (var served = await test.Engine.InferAsync(Asked(budget), TestContext.Current.CancellationToken))
        {
            Assert.Equal(QueryOutcome.Completed, served.Outcome);
            // The inputs are gone by then, or will be: the outputs stay until they are disposed of.
            await TestEngine.UntilAsync(() => budget.Used == 80);
        }

        Assert.Equal(0, budget.Used);
        Assert.Equal(0, PooledBytes.Rented);
    }

    private static VariantRequest Asked(ByteBudget budget)
    {
        var share = budget.Take(80);
        return new VariantRequest { Variant = "car-s", Rows = 20, Inputs = [new byte[80]], Owner = share, Charge = share };
    }
}
