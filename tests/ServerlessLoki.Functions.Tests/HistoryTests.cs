using System.Runtime.CompilerServices;
using Google.Protobuf;
using Microsoft.DurableTask.Protobuf;
using Microsoft.DurableTask.Worker.Grpc;
using ServerlessLoki.Functions.Durable;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Distributed.Runs;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Functions.Tests;

/// <summary>Recorded histories, replayed turn by turn: the orchestrator asks for what it asked for when they were recorded. A change that
/// breaks this breaks the runs that are under way when it is deployed, unless it raises <c>defaultVersion</c> in host.json.</summary>
/// <remarks><c>LOKI_RECORD=1</c> records them again, for a new version.</remarks>
public sealed class HistoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("functions-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("fan-out")]
    [InlineData("joins")]
    [InlineData("retry")]
    [InlineData("failure")]
    public async Task Replay_OfARecordedHistory_AsksForTheSame(string name)
    {
        if (Environment.GetEnvironmentVariable("LOKI_RECORD") == "1")
            await File.WriteAllTextAsync(PathOf(name), JsonFormatter.Default.Format(await RecordAsync(name)), Stop);
        var history = JsonParser.Default.Parse<OrchestratorRequest>(await File.ReadAllTextAsync(PathOf(name), Stop));

        AssertReplays(history);
    }

    [Fact]
    public async Task Replay_OfARunJustEnded_AsksForTheSame() => AssertReplays(await RecordAsync("fan-out"));

    [Fact]
    public async Task Replay_OfAnotherHistory_IsFound()
    {
        var history = JsonParser.Default.Parse<OrchestratorRequest>(await File.ReadAllTextAsync(PathOf("fan-out"), Stop));
        foreach (var scheduled in history.PastEvents.Where(e => e.TaskScheduled?.Name == nameof(RunActivities.ExpandStage)))
            scheduled.TaskScheduled.Name = nameof(RunActivities.RetryStage);

        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AssertReplays(history));
    }

    private static void AssertReplays(OrchestratorRequest history)
    {
        var turns = Turns(history);
        Assert.True(turns.Count > 3, "the history has hardly a turn");
        for (var turn = 0; turn < turns.Count; turn++)
        {
            var request = new OrchestratorRequest { InstanceId = history.InstanceId };
            request.PastEvents.AddRange(turns.Take(turn).SelectMany(t => t));
            request.NewEvents.AddRange(turns[turn].Where(e => !IsAsked(e)));
            var encoded = GrpcOrchestrationRunner.LoadAndRun<RunStart, string>(
                Convert.ToBase64String(request.ToByteArray()), static async (context, run) => await PipelineRun.RunPipeline(context, run!));
            var actions = OrchestratorResponse.Parser.ParseFrom(Convert.FromBase64String(encoded)).Actions;
            if (turn < turns.Count - 1)
                Assert.Equal(turns[turn].Where(e => IsAsked(e) && e.OrchestratorCompleted is null).Select(Name).Order(), actions.Select(Name).Order());
            else
                Assert.Equal(OrchestrationStatus.Completed, Assert.Single(actions, a => a.CompleteOrchestration is not null).CompleteOrchestration.OrchestrationStatus);
        }
    }

    /// <summary>Each turn begins with the engine's mark.</summary>
    private static List<List<HistoryEvent>> Turns(OrchestratorRequest history)
    {
        var turns = new List<List<HistoryEvent>>();
        foreach (var item in history.PastEvents.Concat(history.NewEvents))
        {
            if (item.OrchestratorStarted is not null)
                turns.Add([]);
            turns[^1].Add(item);
        }

        return turns;
    }

    /// <summary>True for what the end of a turn put there.</summary>
    private static bool IsAsked(HistoryEvent item) => item.TaskScheduled is not null || item.TimerCreated is not null || item.OrchestratorCompleted is not null;

    private static string Name(HistoryEvent item) => item switch
    {
        { TaskScheduled: { } task } => $"{item.EventId} {task.Name}",
        _ => $"{item.EventId} timer",
    };

    private static string Name(OrchestratorAction action) => action switch
    {
        { ScheduleTask: { } task } => $"{action.Id} {task.Name}",
        { CreateTimer: not null } => $"{action.Id} timer",
        _ => action.ToString(),
    };

    private static string PathOf(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Histories", name + ".json");

    /// <summary>A run of the kind, to its end.</summary>
    private async Task<OrchestratorRequest> RecordAsync(string name)
    {
        await using var app = await RunsHost.StartAsync(_folder, more: [TestPipelines.Meeting]);
        if (name == "retry")
            app.Workers.Failure = static m => m is { Task: "detect", Round: 0 } ? new StageFailure(QueryOutcome.Failed, "out of memory") : null;
        else if (name == "failure")
            app.Workers.Failure = static m => m.Task == "vehicle" ? new StageFailure(QueryOutcome.Failed, "out of memory") : null;
        var id = await app.StartRunAsync(name == "joins" ? "meeting" : "traffic");
        await app.EndOfRunAsync(id);
        // The record is stored in the last turn but one; the last one ends the orchestration.
        await app.Orchestrations.WaitForInstanceCompletionAsync(id, Stop);
        return app.Recorder.Last(id);
    }
}
