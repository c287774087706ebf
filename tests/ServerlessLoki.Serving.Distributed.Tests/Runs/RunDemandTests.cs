using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Tests.Runs;

/// <summary>What durable runs want, among what an ingress reports.</summary>
public sealed class RunDemandTests
{
    private static CancellationToken Token => RemoteSystem.Token;

    [Fact]
    public async Task Runs_ThatWaitAndAreAnswered_AreInTheReportedDemand()
    {
        await using var system = new RemoteSystem();
        await system.PublishAsync("l", 1);
        var ingress = await system.AddIngressAsync();
        var root = system.Pipeline.Root;
        for (var i = 0; i < 3; i++)
            ingress.Runs.Waits("p");
        ingress.Runs.Answered(new StageReply { QueryId = "run", Pipeline = "p", Task = root.Name, Variant = root.Variants[0].Name, Rows = [new OutputRow(0, 0.9f, 0, 0, 1, 1)], Worker = "w" });

        var (arrivals, parents) = (0L, 0L);
        for (var tries = 0; arrivals < 3 || parents == 0; tries++)
        {
            Assert.True(tries < 1000, $"{arrivals} arrivals and {parents} answers were reported.");
            await Task.Delay(10, Token);
            var reports = (await system.State.SamplesAsync(DemandReport.Series, DateTimeOffset.UnixEpoch, Token)).Select(s => StateJson.Read<DemandReport>(s.Json)!.Pipelines[0]).ToList();
            (arrivals, parents) = (reports.Sum(r => r.Arrivals), reports.Sum(r => r.Parents[0][0]));
        }

        Assert.Equal((3, 1), (arrivals, parents));
    }
}
