using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Dispatch;

/// <summary>The time between a request's first byte and its admission is part of everything.</summary>
public sealed class RequestAgeTests
{
    [Fact]
    public async Task Submit_OldRequest_LatencyAndQueueTimeCountFromItsFirstByte()
    {
        await using var engine = await TestEngine.StartAsync(models: new FakeModels { Rows = (_, _) => [] });
        var age = TimeSpan.FromSeconds(3);
        var result = await engine.SubmitOldAsync(age, TimeSpan.FromMinutes(2));
        Assert.Equal(QueryOutcome.Completed, result.Outcome);
        Assert.True(result.Latency >= age && result.Queued >= age, $"{result.Latency} {result.Queued}");
        Assert.True(engine.Engine.Metrics.Pipelines[0].RequestUs.Sum >= age.TotalMicroseconds);
        // After the SLO of a second, within its own deadline.
        Assert.Equal((1, 1), (engine.Engine.Metrics.Pipelines[0].BeyondSlo, engine.Engine.Metrics.DoorUs.Count));
    }

    [Theory]
    [InlineData(1200, null, QueryOutcome.Expired)]
    [InlineData(1200, 1150, QueryOutcome.Expired)]
    public async Task Submit_DeadlineIsOverAtTheDoor_IsRefused(int ageMs, int? latencyMs, QueryOutcome expected)
    {
        await using var engine = await TestEngine.StartAsync();
        var result = await engine.SubmitOldAsync(
            TimeSpan.FromMilliseconds(ageMs), latencyMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null);
        Assert.Equal((expected, 0), (result.Outcome, engine.Engine.Metrics.Pipelines[0].Pending));
    }
}
