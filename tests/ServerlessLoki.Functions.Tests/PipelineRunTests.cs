using System.Collections.Concurrent;
using Microsoft.DurableTask;
using NSubstitute;
using ServerlessLoki.Functions.Durable;
using ServerlessLoki.Serving.Distributed.Runs;

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
        _context.Version.Returns("1.0");
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
            return Task.FromResult(c.Arg<TaskName>().Name == "StoreAnswers" ? $"token {_called.Count}" : "Failed");
        });
        _activities["BeginRun"] = _ => new SentStages([Ticket("root")]);
    }

    [Fact]
    public async Task Run_OneOfTwoChildrenFails_WaitsForNothingMoreAndSendsNothingMore()
    {
        _activities["ExpandStage"] = s => ((StageStep)s).Ticket.Event == "root" ? new SentStages([Ticket("a"), Ticket("b")]) : new SentStages([], new RunFault("failed", "no"));
        var run = PipelineRun.RunPipeline(_context, Start);
        await AnswerAsync("root");
        await AnswerAsync("a");

        await run;
        Assert.All(_timers, t => Assert.True(t.Cancelled.IsCancellationRequested));
        var called = _called.Count;
        _events["b"].TrySetResult(new StageArrival("", null));

        Assert.Equal(called, _called.Count);
        Assert.StartsWith("no (attempt 1 of 3", Assert.IsType<RunEnd>(_called[^1].Input).Fault!.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_LastAttemptIsNotAnsweredInTime_IsWaitedForOn()
    {
        _activities["BeginRun"] = _ => new SentStages([Ticket("root") with { Attempt = 3 }]);
        _activities["RetryStage"] = s => new SentStages([((StageStep)s).Ticket]);
        _activities["ExpandStage"] = _ => new SentStages([]);
        var run = PipelineRun.RunPipeline(_context, Start);

        await Patience.UntilAsync(() => _timers.Count > 0, "the root is waited for");
        _now += Start.StageTimeout;
        _timers[^1].Fired.SetResult();

        await Patience.UntilAsync(() => _called.Count > 1, "it went on");
        Assert.Equal("RetryStage", _called[1].Activity);
        await AnswerAsync("root");
        await run;
        Assert.Null(Assert.IsType<RunEnd>(_called[^1].Input).Fault);
    }

    [Fact]
    public async Task Run_OfManyStagesServedInTime_LeavesOneTimer()
    {
        string[] children = [.. Enumerable.Range(0, 9).Select(i => $"{i}")];
        _activities["ExpandStage"] = s => new SentStages(((StageStep)s).Ticket.Event == "root" ? [.. children.Select(Ticket)] : []);
        var run = PipelineRun.RunPipeline(_context, Start);
        foreach (var stage in (string[])["root", .. children])
        {
            await AnswerAsync(stage);
            _now += Start.StageTimeout / 20;
        }

        await run;

        Assert.True(Assert.Single(_timers).Cancelled.IsCancellationRequested);
    }

    [Fact]
    public async Task Run_StageSentLaterThanAnother_IsLookedAtWhenItsOwnTimeIsOver()
    {
        _activities["ExpandStage"] = s => ((StageStep)s).Ticket.Event == "root" ? new SentStages([Ticket("a"), Ticket("b")]) : new SentStages([]);
        _activities["RetryStage"] = s => new SentStages([((StageStep)s).Ticket]);
        var run = PipelineRun.RunPipeline(_context, Start);
        await Patience.UntilAsync(() => _timers.Count == 1, "the root is waited for");
        _now += Start.StageTimeout / 2;
        await AnswerAsync("root");
        await Patience.UntilAsync(() => _events.ContainsKey("b"), "the children are waited for");

        // The root's timer: nobody's time is over.
        _now += Start.StageTimeout / 2;
        _timers[0].Fired.SetResult();
        await Patience.UntilAsync(() => _timers.Count == 2, "they are waited for on");
        Assert.DoesNotContain(_called, c => c.Activity == "RetryStage");
        _now += Start.StageTimeout / 2;
        _timers[1].Fired.SetResult();

        await Patience.UntilAsync(() => _called.Count(c => c.Activity == "RetryStage") == 2, "both are looked at");
        await AnswerAsync("a");
        await AnswerAsync("b");
        await run;
        Assert.Null(Assert.IsType<RunEnd>(_called[^1].Input).Fault);
    }

    [Fact]
    public async Task Run_MoreAnswersThanAnInputHolds_GoToTheStore()
    {
        const int Children = 200;
        _activities["ExpandStage"] = s => new SentStages(((StageStep)s).Ticket.Event == "root" ? [.. Enumerable.Range(0, Children).Select(i => Ticket($"{i}"))] : []);
        _activities["JoinStages"] = _ => new SentStages([]);
        _activities["BeginRun"] = _ => new SentStages([Ticket("root")], HasJoins: true);
        var run = PipelineRun.RunPipeline(_context, Start);
        var full = new string('a', StageArrival.InlineLimitBytes / 3 * 4);
        await AnswerAsync("root");
        for (var i = 0; i < Children; i++)
            await AnswerAsync($"{i}", full);

        await run;

        foreach (var (answers, stored) in (IEnumerable<(IReadOnlyList<StageArrival>, IReadOnlyList<string>?)>)
            [.. _called.Select(c => c.Input).OfType<RunJoins>().Select(j => (j.Answers, j.Stored)), .. _called.Select(c => c.Input).OfType<RunEnd>().Select(e => (e.Answers, e.Stored))])
        {
            Assert.InRange(answers.Sum(a => a.Reply!.Length), 1, 500_000);
            Assert.Equal(_called.Count(c => c.Activity == "StoreAnswers"), stored!.Count);
        }

        var chunks = _called.Select(c => c.Input).OfType<RunAnswersToStore>().ToList();
        Assert.All(chunks, c => Assert.InRange(c.Answers.Sum(a => a.Reply!.Length), 1, 500_000));
        Assert.Equal(1 + Children, chunks.Sum(c => c.Answers.Count) + Assert.IsType<RunEnd>(_called[^1].Input).Answers.Count);
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

    private Task AnswerAsync(string name, string reply = "") =>
        Patience.UntilAsync(() => _events.TryGetValue(name, out var waiting) && waiting.TrySetResult(new StageArrival(reply, null)), $"{name} is waited for");
}
