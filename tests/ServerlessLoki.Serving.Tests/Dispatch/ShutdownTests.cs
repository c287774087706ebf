using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Dispatch;

/// <summary>Queries that come while the engine stops: each is answered, none waits for threads that have left.</summary>
public sealed class ShutdownTests
{
    [Fact]
    public async Task Submit_AfterTheEngineHasStopped_IsAnsweredUnavailable()
    {
        var engine = await TestEngine.StartAsync();
        await engine.DisposeAsync();

        var query = await engine.SubmitAsync(latency: TimeSpan.FromMinutes(1));
        var direct = await engine.Engine.InferAsync(
            new VariantRequest { Variant = "look-l", Rows = 1, Inputs = [new byte[12]], Latency = TimeSpan.FromMinutes(1) }, TestContext.Current.CancellationToken);

        Assert.Equal((QueryOutcome.Unavailable, QueryOutcome.Unavailable), (query.Outcome, direct.Outcome));
    }

    [Fact]
    public async Task Submit_WhileTheEngineStops_IsAnswered()
    {
        for (var round = 0; round < 10; round++)
        {
            var engine = await TestEngine.StartAsync(largeMs: 1);
            using var go = new ManualResetEventSlim();
            var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                go.Wait(TestContext.Current.CancellationToken);
                var outcomes = new List<QueryOutcome>();
                for (var i = 0; i < 50; i++)
                    outcomes.Add((await engine.SubmitAsync(latency: TimeSpan.FromMinutes(5))).Outcome);
                return outcomes;
            })).ToList();

            go.Set();
            await engine.DisposeAsync();

            Assert.All((await Task.WhenAll(clients)).SelectMany(static o => o), static o => Assert.True(o is QueryOutcome.Completed or QueryOutcome.Unavailable or QueryOutcome.Rejected, $"{o}"));
        }
    }
}
