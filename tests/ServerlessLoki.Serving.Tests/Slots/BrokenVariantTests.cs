using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Slots;

/// <summary>A model file that broke after the start, asked for directly.</summary>
public sealed class BrokenVariantTests
{
    [Fact]
    public async Task Infer_VariantThatCannotBeLoaded_IsUnavailableByItsNameAndTriedOnce()
    {
        var attempts = 0;
        var large = new VariantId(0, 0, 0);
        var models = new FakeModels { Broken = { large } };
        models.OnLoad = id => attempts += id == large ? 1 : 0;
        // Slower than the SLO, so that no plan loads it.
        await using var engine = await TestEngine.StartAsync(largeMs: 5000, models: models);
        attempts = 0;
        for (var i = 0; i < 50; i++)
        {
            using var result = await engine.Engine.InferAsync(
                new VariantRequest { Variant = "look-l", Rows = 1, Inputs = [new byte[12]] }, TestContext.Current.CancellationToken);
            Assert.Equal(QueryOutcome.Unavailable, result.Outcome);
            Assert.Contains("Variant look-l cannot be loaded at present", result.Error, StringComparison.Ordinal);
            Assert.True(result.RetryAfter >= TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, attempts);
        Assert.Equal("it could not be loaded", engine.Engine.FaultOf("look-l"));
        Assert.Null(engine.Engine.FaultOf("look-s"));
    }
}
