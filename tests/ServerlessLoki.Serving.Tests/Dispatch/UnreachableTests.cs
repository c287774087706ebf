using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Dispatch;

/// <summary>An SLO below what one query alone takes.</summary>
public sealed class UnreachableTests
{
    private const string Says = "Pipeline p cannot be served: its SLO is 5 ms, but its fastest path needs 8 ms. Raise sloMs or add a faster variant.";

    [Theory]
    [InlineData(null, false, QueryOutcome.Invalid)]
    [InlineData(60_000, false, QueryOutcome.Completed)]
    [InlineData(null, true, QueryOutcome.Completed)]
    public async Task Submit_SloBelowTheFastestPath_IsInvalidUnlessTheCallerHasMoreTime(int? latencyMs, bool isRun, QueryOutcome outcome)
    {
        // The fast variants take 4 ms each, two tasks one after the other.
        await using var test = await StartAsync();

        var result = await test.Engine.SubmitAsync(
            new QueryRequest { Pipeline = "p", Input = new FakeInput(), Latency = latencyMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null, IgnoreSlo = isRun },
            TestContext.Current.CancellationToken);

        Assert.Equal((outcome, outcome == QueryOutcome.Invalid ? Says : null, null), (result.Outcome, result.Error, result.RetryAfter));
    }

    [Fact]
    public async Task Status_SloBelowTheFastestPath_SaysSoAndSoDoesThePlan()
    {
        await using var test = await StartAsync();

        Assert.All(test.Engine.Status().Pipelines[0].Tasks, t => Assert.Equal(Says, t.Why));
        Assert.Equal("p cannot be served: no profiled path of variants on the devices ends within 5 ms; all of it is shed.", Assert.Single(test.Engine.Plan!.Why.Where(w => !w.StartsWith("Rehearsed", StringComparison.Ordinal))));
    }

    private static Task<TestEngine> StartAsync() => TestEngine.StartAsync(
        largeMs: 40, pipeline: TestEngine.Traffic.Replace("\"sloMs\": 1000", "\"sloMs\": 5", StringComparison.Ordinal));
}
