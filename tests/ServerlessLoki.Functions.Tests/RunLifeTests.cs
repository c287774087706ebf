using System.Net;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using NSubstitute;
using ServerlessLoki.Functions.Durable;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Distributed.Runs;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Functions.Tests;

/// <summary>How a run is accepted, ended, cancelled and deleted.</summary>
public sealed class RunLifeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("functions-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Run_EndedTwice_KeepsItsEnd()
    {
        await using var app = await RunsHost.StartAsync(_folder);
        var run = await app.EndOfRunAsync(await app.StartRunAsync());

        // As when the host died after the end was stored, before that was noted: with an answer whose payload is deleted by now.
        var start = new RunStart(run.GetProperty("id").GetString()!, "traffic", "sqlite:1:999", "{}", DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1), 3, TimeSpan.FromHours(1));
        var state = await (await app.StepsAsync()).EndAsync(new RunEnd(start, null, [new StageArrival(null, "sqlite:1:998")], null), Stop);

        Assert.Equal(RunState.Completed, state);
        Assert.Equal(run.ToString(), (await app.EndOfRunAsync(start.Id)).ToString());
    }

    [Fact]
    public async Task Accept_OrchestrationCannotBeStarted_IsAcceptedAllTheSame()
    {
        await using var app = await RunsHost.StartAsync(_folder);
        var client = Substitute.For<DurableTaskClient>("test");
        client.ScheduleNewOrchestrationInstanceAsync(Arg.Any<TaskName>(), Arg.Any<object?>(), Arg.Any<StartOrchestrationOptions?>(), Arg.Any<CancellationToken>())
            .Returns<Task<string>>(_ => throw new IOException("The scheduler is away."));
        var runs = app.Service<OrchestratedRuns.Factory>()(client);
        var body = PooledBytes.CopyOf(PictureCodec.EncodePng(RgbImage.Over(8, 8, new byte[192])));

        var run = await runs.AcceptAsync(TestPipelines.Traffic, new InferHeaders(BodyForm.Picture, 0, null), body, Stop);

        Assert.Equal(RunState.Accepted, (await runs.FindAsync(run.Id, Stop))!.State);
    }

    [Fact]
    public async Task Accept_StorageIsInTroubleForAMoment_OrchestrationIsStartedAllTheSame()
    {
        await using var app = await RunsHost.StartAsync(_folder);
        var client = Substitute.For<DurableTaskClient>("test");
        var tries = 0;
        client.ScheduleNewOrchestrationInstanceAsync(Arg.Any<TaskName>(), Arg.Any<object?>(), Arg.Any<StartOrchestrationOptions?>(), Arg.Any<CancellationToken>())
            .Returns<Task<string>>(call => ++tries < 3 ? throw new IOException("Busy.") : Task.FromResult(call.Arg<StartOrchestrationOptions>().InstanceId!));
        client.GetInstanceAsync(Arg.Any<string>(), Arg.Any<CancellationToken>()).Returns((OrchestrationMetadata?)null);
        var body = PooledBytes.CopyOf(PictureCodec.EncodePng(RgbImage.Over(8, 8, new byte[192])));

        await app.Service<OrchestratedRuns.Factory>()(client).AcceptAsync(TestPipelines.Traffic, new InferHeaders(BodyForm.Picture, 0, null), body, Stop);

        Assert.Equal(3, tries);
    }

    [Fact]
    public async Task Run_TooManyWait_IsRefused()
    {
        await using var app = await RunsHost.StartAsync(_folder, settings: ["--Loki:MaxRuns=1"]);
        app.Workers.Rows = _ => null;
        await app.StartRunAsync();

        using var body = RunsHost.Picture();
        var answer = await app.Http.PostAsync("/runs?pipeline=traffic", body, Stop);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Fact]
    public async Task Run_Cancelled_EndsAndCanBeDeleted()
    {
        await using var app = await RunsHost.StartAsync(_folder);
        app.Workers.Rows = _ => null;
        var id = await app.StartRunAsync();

        Assert.Equal(HttpStatusCode.OK, (await app.Http.DeleteAsync($"/runs/{id}", Stop)).StatusCode);
        Assert.Equal("cancelled", (await app.EndOfRunAsync(id)).GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.DeleteAsync($"/runs/{id}", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync($"/runs/{id}", Stop)).StatusCode);
    }

    [Fact]
    public async Task Run_DeletedAfterItsCancellation_IsPurged()
    {
        await using var app = await RunsHost.StartAsync(_folder);
        app.Workers.Rows = _ => null;
        var id = await app.StartRunAsync();
        await app.Http.DeleteAsync($"/runs/{id}", Stop);
        await app.Orchestrations.WaitForInstanceCompletionAsync(id, Stop);

        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.DeleteAsync($"/runs/{id}", Stop)).StatusCode);

        Assert.Null(await app.Orchestrations.GetInstanceAsync(id, Stop));
    }

    [Fact]
    public async Task Delete_OrchestrationStillRuns_IsTerminatedAndPurged()
    {
        await using var app = await RunsHost.StartAsync(_folder);
        var client = Substitute.For<DurableTaskClient>("test");
        var runs = app.Service<OrchestratedRuns.Factory>()(client);
        var run = await runs.AcceptAsync(TestPipelines.Traffic, new InferHeaders(BodyForm.Picture, 0, null), PooledBytes.CopyOf(PictureCodec.EncodePng(RgbImage.Over(8, 8, new byte[192]))), Stop);
        await runs.CancelAsync(run.Id, Stop);
        client.GetInstanceAsync(run.Id, Arg.Any<CancellationToken>())
            .Returns(new OrchestrationMetadata("RunPipeline", run.Id) { RuntimeStatus = OrchestrationRuntimeStatus.Running });

        Assert.True(await runs.DeleteAsync(run.Id, Stop));

        Received.InOrder(() =>
        {
            _ = client.TerminateInstanceAsync(run.Id, Arg.Any<CancellationToken>());
            _ = client.WaitForInstanceCompletionAsync(run.Id, Arg.Any<CancellationToken>());
            _ = client.PurgeInstanceAsync(run.Id, Arg.Any<CancellationToken>());
        });
    }
}
