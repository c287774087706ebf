using Microsoft.DurableTask;
using ServerlessLoki.Serving.Distributed.Runs;

namespace ServerlessLoki.Functions.Durable;

/// <summary>State of an orchestration. Used by its own thread only.</summary>
internal sealed class RunCourse(TaskOrchestrationContext context, RunStart run) : IDisposable
{
    /// <summary>Largest factor on the wait for a stage. The wait in a queue grows with the load, and each check whether the message is
    /// still served costs an entry of history.</summary>
    private const int LongestWaits = 16;

    /// <summary>Most characters of answers in a step's input: well below the megabyte that Durable Task Scheduler takes.</summary>
    private const int InputChars = 400_000;

    /// <summary>Time after the run's limit during which steps are still retried, so that the run fails with its timeout and not with a
    /// step's last failure.</summary>
    private static readonly TimeSpan AfterDue = TimeSpan.FromMinutes(5);
    private readonly List<StageArrival> _answers = [];
    private readonly List<string> _stored = [];
    private readonly TaskCompletionSource _failed = new();
    private readonly CancellationTokenSource _stopped = new();
    private (Task Timer, DateTime Time) _look = (Task.CompletedTask, default);
    private StageTicket? _root;
    private DateTimeOffset _due = run.Due;
    private RunFault? _fault;
    private int _answered;
    private int _sent;
    private int _retries;

    public TaskOrchestrationContext Context { get; } = context;

    public RunStart Run { get; } = run;

    /// <summary>Retry policy of activities. An activity fails when the state, the queues or the plan are not available, or when no worker
    /// can serve yet: it is retried as long as the run may last.</summary>
    public TaskOptions Patience { get; } = TaskOptions.FromRetryPolicy(new RetryPolicy(
        maxNumberOfAttempts: 100_000, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 1.6, maxRetryInterval: TimeSpan.FromMinutes(1),
        retryTimeout: run.Due - run.Created + AfterDue));

    /// <summary>True when the run's time is over.</summary>
    public bool IsDue => Now >= _due;

    /// <summary>Task that completes when the run has failed.</summary>
    public Task Failed => _failed.Task;

    /// <summary>True when the run has failed and nothing more is to be sent, even if stages still answer.</summary>
    public bool HasFailed => _fault is not null;

    /// <summary>Token that ends all waits when the run ends or fails.</summary>
    public CancellationToken Stopped => _stopped.Token;

    public void Begun(SentStages sent)
    {
        if (sent.Fault is { } fault)
        {
            Fail(fault);
            return;
        }

        _root = sent.Tickets[0];
        _due = sent.Due ?? _due;
        _sent = 1;
        Tell("running");
    }

    public void Answered(StageArrival arrival, SentStages children)
    {
        _answers.Add(arrival);
        _answered++;
        _sent += children.Tickets.Count;
        Tell("running");
    }

    public void Joined(SentStages joins)
    {
        _sent += joins.Tickets.Count;
        Tell("running");
    }

    public void Retried()
    {
        _retries++;
        Tell("running");
    }

    /// <summary>Fails the run; the first cause counts.</summary>
    public void Fail(RunFault fault)
    {
        if (_fault is not null)
            return;
        _fault = fault;
        Tell(fault.Code);
        // First: what waits for the failure goes on at once.
        Stop();
        _failed.TrySetResult();
    }

    /// <summary>Ends all waits.</summary>
    public void Stop() => _stopped.Cancel();

    /// <summary>Returns the next time, not after <paramref name="until"/>, at which a waiting stage checks whether its message is still
    /// served.</summary>
    /// <remarks>Stages share timers. A timer cannot be taken back: it comes as a message when the run has long ended, and each costs the storage
    /// provider a look at the history. So a run that is served in time leaves one, however many stages it has.</remarks>
    public (Task Timer, DateTime Time) LookAt(DateTime until)
    {
        if (_look.Timer.IsCompleted || _look.Time > until)
            _look = (Context.CreateTimer(until, Stopped), until);
        return _look;
    }

    public void Dispose() => _stopped.Dispose();

    /// <summary>Returns the time until which an answer is awaited without a check; each wait for the same message is longer than the one
    /// before.</summary>
    /// <param name="waits">Number of the wait, from 1.</param>
    public DateTime Until(int waits)
    {
        var until = Now + (Run.StageTimeout * Math.Min(waits, LongestWaits));
        return (until < _due ? until : _due).UtcDateTime;
    }

    /// <summary>Lists the answers to store so that the others fit into an input; none if all fit.</summary>
    public IReadOnlyList<StageArrival> Surplus()
    {
        if (_answers.Sum(Chars) <= InputChars)
            return [];
        var (count, chars) = (0, 0);
        while (chars < InputChars / 2)
            chars += Chars(_answers[count++]);
        return [.. _answers.Take(count)];
    }

    /// <summary>Records that the first answers are stored.</summary>
    public void Stored(int count, string token)
    {
        _answers.RemoveRange(0, count);
        _stored.Add(token);
    }

    public RunJoins ToJoins() => new(Run, _root!, _answers, _stored);

    /// <summary>Makes the data for the end of the run. A failed run needs no answers; its stored data are found by its id.</summary>
    public RunEnd ToEnd() => _fault is null ? new(Run, _root, _answers, null, _stored) : new(Run, _root, [], _fault);

    private static int Chars(StageArrival answer) => (answer.Reply ?? answer.Token!).Length;

    private DateTimeOffset Now => new(DateTime.SpecifyKind(Context.CurrentUtcDateTime, DateTimeKind.Utc));

    /// <summary>Sets the custom status, which operators see while the run is active.</summary>
    private void Tell(string state) =>
        Context.SetCustomStatus(new RunProgress(state, _answered, _sent, _retries, Context.Version));
}

/// <summary>Custom status of an orchestration.</summary>
/// <param name="State">Current activity.</param>
/// <param name="Answered">Number of stages that answered.</param>
/// <param name="Sent">Number of stages sent so far; more may follow from answers.</param>
/// <param name="Retries">Number of stages that were sent again.</param>
/// <param name="Version">Version of the orchestrator that began the run.</param>
internal sealed record RunProgress(string State, int Answered, int Sent, int Retries, string Version);
