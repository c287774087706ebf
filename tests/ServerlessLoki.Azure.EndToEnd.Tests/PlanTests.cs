using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Azure.EndToEnd.Tests.Setup;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Distributed.Planner;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Azure.EndToEnd.Tests;

/// <summary>The planner's timer, and planners that meet.</summary>
public sealed class PlanTests(SharedSystem shared)
{
    /// <summary>Within what the best variants can serve by the profile in use; three times as much is not.</summary>
    private const double BaseQps = 5;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Plan_DemandTriples_ChangesAndTheWorkerFollowsWithoutLosingAQuery()
    {
        var system = await shared.SystemAsync();
        await system.ReadyAsync(Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var answers = new ConcurrentQueue<string>();
        var qps = BaseQps;
        var load = LoadAsync(system, () => Volatile.Read(ref qps), answers, stop.Token);
        // Another test's demand may still be in the forecast: its plan could be the very one that three times the load will need.
        await system.EventuallyAsync(
            async () => await system.IsAtRestAsync(Token) && answers.Count >= 2 * BaseQps, "the best variants are planned for the base load, and followed", Token);
        var before = await system.PlannedAsync(Token);
        Volatile.Write(ref qps, 3 * BaseQps);
        await system.EventuallyAsync(
            async () => !(await system.PlannedAsync(Token)).SetEquals(before) && await system.IsFollowedAsync(Token), "another plan is made and followed", Token);
        var count = answers.Count;
        await system.EventuallyAsync(() => Task.FromResult(answers.Count > count + (3 * BaseQps)), "queries are answered by the new plan", Token);
        await stop.CancelAsync();
        await load;
        Assert.All(answers, a => Assert.Equal("OK", a));
    }

    [Fact]
    public async Task Planners_AtOnce_OneWinsByETag()
    {
        const int MaxRounds = 10;
        var system = await shared.SystemAsync();
        var won = false;
        for (var round = 1; !won && round <= MaxRounds; round++)
        {
            var meeting = new Meeting(2);
            var planners = Enumerable.Range(0, 2).Select(_ => Planner(system, new PricedFleet("cpu", 2 * TestSystem.Slots, round), meeting)).ToArray();
            var steps = await Task.WhenAll(planners.Select(p => p.StepAsync(Token)));
            Assert.InRange(steps.Count(s => s.Result == PlannerResult.Published), 0, 1);
            Assert.InRange(steps.Count(s => s.Result == PlannerResult.Lost), 1, 2);
            won = steps.Any(s => s.Result == PlannerResult.Published);
        }

        // The host's own planner, which plans each second, may have been before both, but hardly each time.
        Assert.True(won, "the host's planner won each round");
        await system.ReadyAsync(Token);
    }

    /// <summary>Sends scenes at a rate that may change, and waits for all answers.</summary>
    private static async Task LoadAsync(TestSystem system, Func<double> qps, ConcurrentQueue<string> answers, CancellationToken stop)
    {
        var sent = new List<Task>();
        try
        {
            while (true)
            {
                sent.Add(SendAsync(sent.Count));
                await Task.Delay(TimeSpan.FromSeconds(1 / qps()), stop);
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(sent);
        }

        async Task SendAsync(int i)
        {
            using var response = await system.Http.PostBytesAsync("/v2/models/traffic/infer", Runs.PictureOf(i), null, "image/png");
            answers.Enqueue(response.StatusCode == HttpStatusCode.OK ? "OK" : $"{response.StatusCode}: {await response.TextAsync()}");
        }
    }

    private static PlannerCycle Planner(TestSystem system, PricedFleet fleet, Meeting meeting)
    {
        var file = TrafficFolder.PipelineOf(system.ModelFolder);
        var pipeline = PipelineReader.Read(File.ReadAllText(file), file, TransformRegistry.Default.Names);
        var profile = ProfileCsv.Read(File.ReadAllText(TrafficFolder.ProfileOf(system.ModelFolder)), "profile.csv");
        return new PlannerCycle(
            new PlannerOptions(), [pipeline], profile, fleet, system.State, new BranchAndBoundSolver(), meeting, TimeProvider.System, NullLoggerFactory.Instance);
    }
}
