using System.Collections.Concurrent;
using Microsoft.DurableTask;
using NSubstitute;
using ServerlessLoki.Functions.Durable;
using ServerlessLoki.Serving.Remote.Runs;

namespace ServerlessLoki.Functions.Tests;

/// <summary>The orchestrator's course on a context that the test plays: what it does next, and what it leaves behind.</summary>
public sealed class PipelineRunTests
{
    private static readonly RunStart Start = new("run", "traffic", "payload", "{}", DateTimeOffset.UnixEpoch, TimeSpan.FromMinutes(1), 3, TimeSpan.FromHours(1));
    private readonly TaskOrchestrationContext _context = Substitute.For<TaskOrchestrationContext>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StageArrival>> _events = new(StringComparer.Ordinal);
    private readonly List<(TaskCompletionSource Fired, CancellationToken Cancelled)> _timers = [];
    private readonly List<(string Activity, object Input)> _called = [];
    private readonly Dictionary<string, Func<object, SentStages>> _activities = new(StringComparer.Ordinal);
    private DateTime _now = DateTime.UnixEpoch;

    public PipelineRunTests()
    {
        _context.CurrentUtcDateTime.Returns(_ => _now);
        _context.Version.Returns("2.0");
        _context.CreateTimer(Arg.Any<TimeSpan>(), Arg.Any<CancellationToken>()).Returns(c => Timer(c.Arg<CancellationToken>()));
        _context.CreateTimer(Arg.Any<DateTime>(), Arg.Any<CancellationToken>()).Returns(c => Timer(c.Arg<CancellationToken>()));
        _context.WaitForExternalEvent<string?>(Arg.Any<string>(), Arg.Any<CancellationToken>()).Returns(new TaskCompletionSource<string?>().Task);
        _context.WaitForExternalEvent<StageArrival>(Arg.Any<string>(), Arg.Any<CancellationToken>()).Returns(c => Wait(c.Arg<string>(), c.Arg<CancellationToken>()));
        _context.CallActivityAsync<SentStages>(Arg.Any<TaskName>(), Arg.Any<object?>(), Arg.Any<TaskOptions?>()).Returns(c =>
        {
            var (name, input) = (c.Arg<TaskName>().Name, c.ArgAt<object>(1));
            _called.Add((name, input));
            return Task.FromResult(_activities[name](input));
        });
        _context.CallActivityAsync<string>(Arg.Any<TaskName>(), Arg.Any<object?>(), Arg.Any<TaskOptions?>()).Returns(c =>
        {
            _called.Add((c.Arg<TaskName>().Name, c.ArgAt<object>(1)));
            return Task.FromResult("Failed");
        });
        _activities["BeginRun"] = _ => new SentStages([Ticket("root")]);
    }

    [Fact]
    public async Task Run_OneOfTwoChildrenFails_WaitsForNothingMoreAndSendsNothingMore()
    {
        _activities["ExpandStage"] = s => ((StageStep)s).Ticket.Event == "root" ? new SentStages([Ticket("a"), Ticket("b")]) : new SentStages([], new RunFault("failed", "no"));
        var run = PipelineRun.RunPipeline(_context, Start);
        Answer("root");
        Answer("a");

        await run;
        Assert.All(_timers, t => Assert.True(t.Cancelled.IsCancellationRequested));
        var called = _called.Count;
        Answer("b");

        Assert.Equal(called, _called.Count);
        Assert.StartsWith("no (attempt 1 of 3", Assert.IsType<RunEnd>(_called[^1].Input).Fault!.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.0", "EndRun")]
    [InlineData("2.0", "RetryStage")]
    public async Task Run_LastAttemptIsNotAnsweredInTime_GoesOnAsTheVersionThatBeganIt(string version, string next)
    {
        _context.Version.Returns(version);
        _activities["BeginRun"] = _ => new SentStages([Ticket("root") with { Attempt = 3 }]);
        _activities["RetryStage"] = s => new SentStages([((StageStep)s).Ticket]);
        _activities["ExpandStage"] = _ => new SentStages([]);
        var run = PipelineRun.RunPipeline(_context, Start);

        _now += Start.StageTimeout;
        _timers[^1].Fired.SetResult();

        Assert.Equal(next, _called[1].Activity);
        if (version == "2.0")
            Answer("root");
        await run;
        Assert.Equal(version == "1.0" ? "expired" : null, Assert.IsType<RunEnd>(_called[^1].Input).Fault?.Code);
    }

    private static StageTicket Ticket(string name) => new(name, name, name + "-n", name, 1);

    private Task Timer(CancellationToken cancelled)
    {
        var timer = new TaskCompletionSource();
        cancelled.Register(() => timer.TrySetCanceled(cancelled));
        _timers.Add((timer, cancelled));
        return timer.Task;
    }

    private Task<StageArrival> Wait(string name, CancellationToken cancelled)
    {
        var waiting = _events[name] = new TaskCompletionSource<StageArrival>();
        cancelled.Register(() => waiting.TrySetCanceled(cancelled));
        return waiting.Task;
    }

    private void Answer(string name) => _events[name].TrySetResult(new StageArrival("", null));
}
