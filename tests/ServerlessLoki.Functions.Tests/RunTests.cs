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

public sealed class RunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("functions-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Run_OfAPipeline_FansOutJoinsAndStoresTheResult()
    {
        await using var app = await RunsHost.StartAsync(_folder);

        var id = await app.StartRunAsync();
        var run = await app.EndOfRunAsync(id);

        Assert.Equal("completed", run.GetProperty("state").GetString());
        Assert.Equal(["detect", "person", "vehicle", "vehicle"], app.Workers.Sent.Select(m => m.Task).Order());
        Assert.Equal("traffic", run.GetProperty("result").GetProperty("model_name").GetString());
        Assert.Contains(app.Workers.Sent.Where(m => m.Task == "vehicle"), m => m.Region == FakeWorkers.Car(0.3f));
    }

    [Fact]
    public async Task Run_BranchesThatMeet_JoinOnceWhenAllHasAnswered()
    {
        await using var app = await RunsHost.StartAsync(_folder, more: [TestPipelines.Meeting]);
        app.Workers.Copies = 2;

        var run = await app.EndOfRunAsync(await app.StartRunAsync("meeting"));

        Assert.Equal("completed", run.GetProperty("state").GetString());
        Assert.Equal(["detect", "vehicle", "vehicle", "person", "verdict", "report"], app.Workers.Sent.Select(m => m.Task).OrderBy(t => TestPipelines.Meeting.FindTask(t)!.Index));
        Assert.Equal(["verdict", "report"], app.Workers.Sent.Where(m => m.Tensor?.Kind == StagePayloadKind.Arrivals).Select(m => m.Task));
        // Each stage is in the answer once.
        var outputs = run.GetProperty("result").GetProperty("outputs").EnumerateArray().ToDictionary(o => o.GetProperty("name").GetString()!);
        Assert.Equal(1, outputs["report.label"].GetProperty("shape")[0].GetInt32());
        Assert.Equal(2, outputs["vehicle.label"].GetProperty("shape")[0].GetInt32());
    }

    [Fact]
    public async Task Run_NothingFoundForAJoin_EndsWithoutIt()
    {
        await using var app = await RunsHost.StartAsync(_folder, more: [TestPipelines.Meeting]);
        app.Workers.Rows = _ => [];

        var run = await app.EndOfRunAsync(await app.StartRunAsync("meeting"));

        Assert.Equal("completed", run.GetProperty("state").GetString());
        Assert.Equal("detect", Assert.Single(app.Workers.Sent).Task);
    }

    [Fact]
    public async Task Run_RepliesThatComeTwice_AreCountedOnce()
    {
        await using var app = await RunsHost.StartAsync(_folder);
        app.Workers.Copies = 2;

        var run = await app.EndOfRunAsync(await app.StartRunAsync());

        Assert.Equal("completed", run.GetProperty("state").GetString());
        Assert.Equal(4, app.Workers.Sent.Count);
    }

    [Fact]
    public async Task Run_StageThatFails_IsTriedOnAnotherVariant()
    {
        await using var app = await RunsHost.StartAsync(_folder);
        string? first = null;
        app.Workers.Failure = m => m.Task == "detect" && m.Variant == (first ??= m.Variant) ? new StageFailure(QueryOutcome.Failed, "out of memory") : null;

        var run = await app.EndOfRunAsync(await app.StartRunAsync());

        Assert.Equal("completed", run.GetProperty("state").GetString());
        Assert.True(app.Workers.Sent.Count(m => m.Task == "detect") > 1);
    }

    [Fact]
    public async Task Run_FailureToldOftenerThanItTries_IsOneFailure()
    {
        await using var app = await RunsHost.StartAsync(_folder);
        app.Workers.Copies = 4;
        app.Workers.Failure = m => m is { Task: "detect", Round: 0 } ? new StageFailure(QueryOutcome.Failed, "out of memory") : null;

        var run = await app.EndOfRunAsync(await app.StartRunAsync());

        Assert.Equal(("completed", 2), (run.GetProperty("state").GetString(), app.Workers.Sent.Count(m => m.Task == "detect")));
    }

    [Fact]
    public async Task Run_TriedAgainOnTheVariantOfBefore_IsNewToTheQueue()
    {
        await using var app = await RunsHost.StartAsync(_folder);
        app.Workers.Failure = m => m is { Task: "detect", Round: < 2 } ? new StageFailure(QueryOutcome.Failed, "out of memory") : null;

        var run = await app.EndOfRunAsync(await app.StartRunAsync());

        Assert.Equal("completed", run.GetProperty("state").GetString());
        var tries = app.Workers.Sent.Where(m => m.Task == "detect").ToList();
        Assert.Equal((3, tries[0].Variant), (tries.Count, tries[2].Variant));
        Assert.Equal(3, tries.Select(m => m.MessageId).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Run_StageThatAlwaysFails_FailsWithItsReason()
    {
        await using var app = await RunsHost.StartAsync(_folder);
        app.Workers.Failure = m => m.Task == "vehicle" ? new StageFailure(QueryOutcome.Failed, "out of memory") : null;

        var run = await app.EndOfRunAsync(await app.StartRunAsync());

        Assert.Equal("failed", run.GetProperty("state").GetString());
        Assert.StartsWith("out of memory (attempt 3 of 3", run.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NobodyAnswers_FailsWhenItsTimeIsOver()
    {
        await using var app = await RunsHost.StartAsync(_folder, stageTimeoutSeconds: 1, ["--Loki:RunLimitSeconds=3"]);
        app.Workers.Rows = _ => null;

        var run = await app.EndOfRunAsync(await app.StartRunAsync());

        Assert.Equal(("failed", "expired"), (run.GetProperty("state").GetString(), run.GetProperty("code").GetString()));
        Assert.Single(app.Workers.Sent);
    }

    [Fact]
    public async Task Run_StageThatWaitsLongerThanItsAttempts_IsNeitherFailedNorSentAgain()
    {
        await using var app = await RunsHost.StartAsync(_folder, stageTimeoutSeconds: 1);
        app.Workers.Rows = _ => null;
        var id = await app.StartRunAsync();

        // Once when it began, then after each wait.
        await Patience.UntilAsync(() => app.Demand.Waiting >= 5, "it asked again");
        app.Workers.Rows = _ => [];
        await app.Workers.SendAsync(app.Workers.Sent.Single().Key, app.Workers.Sent.Single(), Stop);

        Assert.Equal("completed", (await app.EndOfRunAsync(id)).GetProperty("state").GetString());
        Assert.Single(app.Workers.Sent.Select(m => m.MessageId).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Run_MoreOfThemThanOneWorkerServesInTime_AllComplete()
    {
        await using var app = await RunsHost.StartAsync(_folder, stageTimeoutSeconds: 1);
        // One worker needs more than two stage time-outs for all of them.
        app.Workers.Pace = TimeSpan.FromMilliseconds(60);

        var ids = new List<string>();
        for (var i = 0; i < 10; i++)
            ids.Add(await app.StartRunAsync());

        foreach (var id in ids)
            Assert.Equal("completed", (await app.EndOfRunAsync(id)).GetProperty("state").GetString());
        // A step may run twice, and then sends and counts the same again.
        Assert.Equal(4 * ids.Count, app.Workers.Sent.Select(m => m.MessageId).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(4 * ids.Count, app.Demand.Replies.Select(r => (r.QueryId, r.Task, r.Credit)).Distinct().Count());
    }

    [Fact]
    public async Task Run_VariantThatLeftThePlan_IsAskedOfAnother()
    {
        await using var app = await RunsHost.StartAsync(_folder, stageTimeoutSeconds: 1);
        app.Workers.Rows = m => m is { Task: "detect", Round: 0 } ? null : [];
        var id = await app.StartRunAsync();
        await Patience.UntilAsync(() => !app.Workers.Sent.IsEmpty, "it was sent");

        var asked = app.Workers.Sent.Single().Variant;
        var plan = app.Engine.Plan!;
        app.Engine.Plan = plan with { Slots = [.. plan.Slots.Where(s => s is not { Pipeline: 0, Task: 0 } || TestPipelines.Traffic.Root.Variants[s.Variant].Name != asked)] };

        Assert.Equal("completed", (await app.EndOfRunAsync(id)).GetProperty("state").GetString());
        Assert.Equal([0, 1], app.Workers.Sent.Select(m => m.Round));
        Assert.NotEqual(asked, app.Workers.Sent.Last().Variant);
    }

    [Fact]
    public async Task Run_BeforeAnybodyCanServeIt_WaitsAndIsDemand()
    {
        await using var app = await RunsHost.StartAsync(_folder);
        var plan = app.Engine.Plan!;
        app.Engine.Plan = null;
        var id = await app.StartRunAsync();
        await Patience.UntilAsync(() => app.Demand.Waiting >= 2, "it asked again");
        app.Engine.Plan = plan with { Slots = [] };
        await Patience.UntilAsync(() => app.Demand.Waiting >= 3, "it asked again");

        app.Engine.Plan = plan;

        Assert.Equal("completed", (await app.EndOfRunAsync(id)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Run_WhatWasStoredForIt_IsDeletedWithItsEndAndWhatComesLaterToo()
    {
        await using var app = await RunsHost.StartAsync(_folder);
        // Answers that are too large for an event.
        var row = new StagePayload { Kind = StagePayloadKind.Tensor, Bytes = Zeros(StageArrival.InlineLimitBytes) };
        app.Workers.Tensor = m => m.Task == "vehicle" ? row : null;
        app.Workers.Rows = m => m.Task switch { "detect" => [FakeWorkers.Car(0.1f), FakeWorkers.Person(0.6f)], "person" => null, _ => [new OutputRow(1, 0.8f, 0, 0, 0, 0)] };
        var id = await app.StartRunAsync();
        await Patience.UntilAsync(() => app.Workers.Sent.Count >= 3, "its stages were sent");

        // Nobody reads the second answer of the same stage.
        var (vehicle, person) = (app.Workers.Sent.Single(m => m.Task == "vehicle"), app.Workers.Sent.Single(m => m.Task == "person"));
        await app.Workers.SendAsync(vehicle.Key, vehicle with { Round = 1 }, Stop);
        await Patience.UntilAsync(async () => await app.PayloadsAsync() >= 3, "payloads were stored");
        app.Workers.Rows = _ => [new OutputRow(1, 0.8f, 0, 0, 0, 0)];
        await app.Workers.SendAsync(person.Key, person, Stop);

        Assert.Equal("completed", (await app.EndOfRunAsync(id)).GetProperty("state").GetString());
        await Patience.UntilAsync(async () => await app.PayloadsAsync() <= 0, "its payloads were deleted");
        var late = new StageReply { QueryId = id, Pipeline = "traffic", Task = "vehicle", Variant = vehicle.Variant, Credit = vehicle.Credit, Tensor = row, Worker = "late" };
        Assert.Null(await (await app.StepsAsync()).ArrivalAsync(late, Stop));
        Assert.Equal(0, await app.PayloadsAsync());
    }

    [Fact]
    public async Task Run_AnswersThatFillMoreThanAnInput_AreAllInTheResult()
    {
        await using var app = await RunsHost.StartAsync(_folder);
        // 60 answers of nearly 8 KiB in base 64.
        app.Workers.Tensor = m => m.Task == "vehicle" ? new StagePayload { Kind = StagePayloadKind.Tensor, Bytes = Zeros(StageArrival.InlineLimitBytes - 768) } : null;
        app.Workers.Rows = m => m.Task == "detect" ? [.. Enumerable.Range(0, 60).Select(i => FakeWorkers.Car(i / 100f))] : [new OutputRow(1, 0.8f, 0, 0, 0, 0)];

        var run = await app.EndOfRunAsync(await app.StartRunAsync());

        Assert.Equal("completed", run.GetProperty("state").GetString());
        var outputs = run.GetProperty("result").GetProperty("outputs").EnumerateArray().ToDictionary(o => o.GetProperty("name").GetString()!);
        Assert.Equal(60, outputs["vehicle.label"].GetProperty("shape")[0].GetInt32());
        await Patience.UntilAsync(async () => await app.PayloadsAsync() <= 0, "its payloads were deleted");
    }

    internal static byte[] Zeros(int bytes) => TensorPack.Write(RowTensor.Of(new float[bytes / sizeof(float)]).Parts);
}
