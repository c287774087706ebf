using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace ServerlessLoki.StandIns.Tests.Functions;

public sealed class DurableTests
{
    private static readonly string[] All =
    [
        nameof(Orchestrators.FanOut), nameof(Orchestrators.TwoSteps), nameof(Orchestrators.Patient), nameof(Orchestrators.Stubborn),
        nameof(Orchestrators.Throws), nameof(Orchestrators.AwaitsTheWorld), nameof(Orchestrators.Square), nameof(Orchestrators.Cube),
        nameof(Orchestrators.Note), nameof(Orchestrators.FailsTwice),
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FanOut_Activities_AreJoinedInOrder()
    {
        await using var app = await HostedApp.StartAsync(All);

        var id = await app.Durable.ScheduleNewOrchestrationInstanceAsync(nameof(Orchestrators.FanOut), 5, Stop);
        var end = await app.EndOfAsync(id);

        Assert.Equal(OrchestrationRuntimeStatus.Completed, end.RuntimeStatus);
        Assert.Equal([0, 1, 4, 9, 16], end.ReadOutputAs<int[]>()!);
        Assert.Equal("5 of 5", end.ReadCustomStatusAs<string>());
    }

    [Fact]
    public async Task Management_Addresses_ShowEndAndPurgeAnInstance()
    {
        await using var app = await HostedApp.StartAsync(All);
        var id = await app.Durable.ScheduleNewOrchestrationInstanceAsync(nameof(Orchestrators.TwoSteps), Stop);
        await UntilAsync(app, id, s => s.IsRunning);
        var payload = app.Durable.CreateHttpManagementPayload(id);

        var running = await app.Http.GetAsync(Path(payload.StatusQueryGetUri), Stop);
        Assert.Equal(HttpStatusCode.Accepted, running.StatusCode);
        Assert.Contains("\"runtimeStatus\":\"Running\"", await running.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        using var word = new StringContent("\"hello\"", null, "application/json");
        Assert.Equal(HttpStatusCode.Accepted, (await app.Http.PostAsync(Path(payload.SendEventPostUri!.Replace("{eventName}", "word", StringComparison.Ordinal)), word, Stop)).StatusCode);
        await app.EndOfAsync(id);
        Assert.Equal(HttpStatusCode.Gone, (await app.Http.PostAsync(Path(payload.TerminatePostUri), null, Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.DeleteAsync(Path(payload.PurgeHistoryDeleteUri), Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync(Path(payload.StatusQueryGetUri), Stop)).StatusCode);

        static string Path(string? address) => new Uri(address!).PathAndQuery;
    }

    [Fact]
    public async Task Replay_AfterARestart_GoesOnWhereItWas()
    {
        var state = Directory.CreateTempSubdirectory("functions-").FullName;
        var id = Guid.NewGuid().ToString("N");
        await using (var first = await HostedApp.StartAsync(All, state))
        {
            await first.Durable.ScheduleNewOrchestrationInstanceAsync(nameof(Orchestrators.TwoSteps), new StartOrchestrationOptions(id), Stop);
            await UntilAsync(first, id, s => s.IsRunning);
        }

        await using (var second = await HostedApp.StartAsync(All, state))
        {
            await second.Durable.RaiseEventAsync(id, "word", "hello", Stop);
            var end = await second.EndOfAsync(id);

            // What the second turn saw is what the first one saw, and the last activity ran once.
            var parts = end.ReadOutputAs<string>()!.Split(' ');
            Assert.Equal(["9", "hello"], parts[..2]);
            Assert.NotEqual(Guid.Empty, Guid.Parse(parts[2]));
            Assert.Equal(1, Orchestrators.Runs[id]);
        }

        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public async Task Replay_CodeThatChanged_IsNonDeterministic()
    {
        await using var app = await HostedApp.StartAsync(All);
        var id = await app.Durable.ScheduleNewOrchestrationInstanceAsync(nameof(Orchestrators.TwoSteps), Stop);
        await UntilAsync(app, id, s => s.IsRunning);

        Orchestrators.Variants[id] = nameof(Orchestrators.Cube);
        await app.Durable.RaiseEventAsync(id, "Word", "hello", Stop);
        var end = await app.EndOfAsync(id);

        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Contains("its history has activity #0 'Square', this replay did activity #0 'Cube'", end.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Await_OfAnythingButTheContext_IsNonDeterministic()
    {
        await using var app = await HostedApp.StartAsync(All);

        var id = await app.Durable.ScheduleNewOrchestrationInstanceAsync(nameof(Orchestrators.AwaitsTheWorld), Stop);
        var end = await app.EndOfAsync(id);

        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Contains("awaits something that is not its context's", end.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExternalEvent_BeforeTheTimeOut_IsTakenInAnyCase()
    {
        await using var app = await HostedApp.StartAsync(All);
        var id = await app.Durable.ScheduleNewOrchestrationInstanceAsync(nameof(Orchestrators.Patient), TimeSpan.FromMinutes(1), Stop);

        await app.Durable.RaiseEventAsync(id, "WORD", "hello", Stop);

        Assert.Equal("hello", (await app.EndOfAsync(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task ExternalEvent_ThatDoesNotCome_TimesOut()
    {
        await using var app = await HostedApp.StartAsync(All);

        var id = await app.Durable.ScheduleNewOrchestrationInstanceAsync(nameof(Orchestrators.Patient), TimeSpan.FromMilliseconds(20), Stop);

        Assert.Equal("timed out", (await app.EndOfAsync(id)).ReadOutputAs<string>());
    }

    [Theory]
    [InlineData(3, "at last")]
    [InlineData(2, "FailsTwice: not yet, True")]
    public async Task Retry_Policy_TriesThatOften(int attempts, string output)
    {
        await using var app = await HostedApp.StartAsync(All);

        var id = await app.Durable.ScheduleNewOrchestrationInstanceAsync(nameof(Orchestrators.Stubborn), attempts, Stop);

        Assert.Equal(output, (await app.EndOfAsync(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Orchestrator_ThatThrows_FailsWithItsReason()
    {
        await using var app = await HostedApp.StartAsync(All, settings: ["--AzureFunctionsJobHost:extensions:durableTask:defaultVersion=1.5"]);

        var id = await app.Durable.ScheduleNewOrchestrationInstanceAsync(nameof(Orchestrators.Throws), Stop);
        var end = await app.EndOfAsync(id);

        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Equal("so 1.5", end.FailureDetails!.ErrorMessage);
    }

    [Fact]
    public async Task Terminate_Running_EndsItAndPurgeForgetsIt()
    {
        await using var app = await HostedApp.StartAsync(All);
        var id = await app.Durable.ScheduleNewOrchestrationInstanceAsync(nameof(Orchestrators.TwoSteps), Stop);
        await UntilAsync(app, id, s => s.IsRunning);
        Assert.Equal(0, (await app.Durable.PurgeInstanceAsync(id, Stop)).PurgedInstanceCount);

        await app.Durable.TerminateInstanceAsync(id, "enough", Stop);
        var end = await app.EndOfAsync(id);

        Assert.Equal(OrchestrationRuntimeStatus.Terminated, end.RuntimeStatus);
        Assert.Equal("enough", end.ReadOutputAs<string>());
        Assert.Equal(1, (await app.Durable.PurgeInstanceAsync(id, Stop)).PurgedInstanceCount);
        Assert.Null(await app.Durable.GetInstanceAsync(id, Stop));
    }

    [Fact]
    public async Task Schedule_TakenId_IsRefusedUntilItEnded()
    {
        await using var app = await HostedApp.StartAsync(All);
        var options = new StartOrchestrationOptions("one");
        await app.Durable.ScheduleNewOrchestrationInstanceAsync(nameof(Orchestrators.Patient), TimeSpan.FromHours(1), options, Stop);

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            app.Durable.ScheduleNewOrchestrationInstanceAsync(nameof(Orchestrators.Patient), TimeSpan.FromHours(1), options, Stop));
        await app.Durable.TerminateInstanceAsync("one", Stop);
        await app.EndOfAsync("one");

        Assert.Equal("one", await app.Durable.ScheduleNewOrchestrationInstanceAsync(nameof(Orchestrators.Patient), TimeSpan.FromHours(1), options, Stop));
    }

    [Fact]
    public async Task GetAllInstances_MoreThanAPage_AreAllSeen()
    {
        await using var app = await HostedApp.StartAsync(All);
        for (var i = 0; i < 5; i++)
            await app.Durable.ScheduleNewOrchestrationInstanceAsync(nameof(Orchestrators.FanOut), 0, new StartOrchestrationOptions($"a{i}"), Stop);
        await app.Durable.ScheduleNewOrchestrationInstanceAsync(nameof(Orchestrators.FanOut), 0, new StartOrchestrationOptions("b"), Stop);

        var pages = new List<int>();
        await foreach (var page in app.Durable.GetAllInstancesAsync(new OrchestrationQuery(InstanceIdPrefix: "a", PageSize: 2)).AsPages())
            pages.Add(page.Values.Count);

        Assert.Equal([2, 2, 1], pages);
    }

    private static async Task UntilAsync(HostedApp app, string id, Func<OrchestrationMetadata, bool> reached)
    {
        while (await app.Durable.GetInstanceAsync(id, Stop) is not { } status || !reached(status))
            await Task.Delay(5, Stop);
    }
}
