using Microsoft.DurableTask;
using ServerlessLoki.Serving.Distributed.Runs;

namespace ServerlessLoki.Functions.Durable;

/// <summary>What an orchestration has so far. Only its own thread touches it.</summary>
internal sealed class RunCourse(TaskOrchestrationContext context, RunStart run) : IDisposable
{
    /// <summary>A queue's wait grows with the load: to look whether the message is still served costs an entry of history each time.</summary>
    private const int LongestWaits = 16;

    /// <summary>Most characters of answers in a step's input: well below the megabyte that Durable Task Scheduler takes.</summary>
    private const int InputChars = 400_000;

    /// <summary>A step that is tried still when the run's time is over says so better than its last failure does.</summary>
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

    /// <summary>An activity fails when the state, the queues or the plan are away, or when nobody can serve what it sends yet: it is tried for as
    /// long as the run may last.</summary>
    public TaskOptions Patience { get; } = TaskOptions.FromRetryPolicy(new RetryPolicy(
        maxNumberOfAttempts: 100_000, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 1.6, maxRetryInterval: TimeSpan.FromMinutes(1),
        retryTimeout: run.Due - run.Created + AfterDue));

    /// <summary>True when the run's time is over.</summary>
    public bool IsDue => Now >= _due;

    /// <summary>Ends when the run has failed.</summary>
    public Task Failed => _failed.Task;

    /// <summary>True when nothing more is to be sent, whatever is still answered.</summary>
    public bool HasFailed => _fault is not null;

    /// <summary>Ends all waits with the run, or with its failure.</summary>
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

    /// <summary>The first cause counts.</summary>
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

    /// <summary>The next time at which a stage that waits until a time looks whether its message is still served: then or before.</summary>
    /// <remarks>Stages share timers. A timer cannot be taken back: it comes as a message when the run has long ended, and each costs the storage
    /// provider a look at the history. So a run that is served in time leaves one, however many stages it has.</remarks>
    public (Task Timer, DateTime Time) LookAt(DateTime until)
    {
        if (_look.Timer.IsCompleted || _look.Time > until)
            _look = (Context.CreateTimer(until, Stopped), until);
        return _look;
    }

    public void Dispose() => _stopped.Dispose();

    /// <summary>Until when an answer is waited for without a look; each wait for the same message is longer than the one before.</summary>
    /// <param name="waits">Which wait it is, from 1.</param>
    public DateTime Until(int waits)
    {
        var until = Now + (Run.StageTimeout * Math.Min(waits, LongestWaits));
        return (until < _due ? until : _due).UtcDateTime;
    }

    /// <summary>Answers to put into the store, so that the others are fewer: none if all fit into an input.</summary>
    public IReadOnlyList<StageArrival> Surplus()
    {
        if (_answers.Sum(Chars) <= InputChars)
            return [];
        var (count, chars) = (0, 0);
        while (chars < InputChars / 2)
            chars += Chars(_answers[count++]);
        return [.. _answers.Take(count)];
    }

    /// <summary>The first of the answers lie in the store.</summary>
    public void Stored(int count, string token)
    {
        _answers.RemoveRange(0, count);
        _stored.Add(token);
    }

    public RunJoins ToJoins() => new(Run, _root!, _answers, _stored);

    /// <summary>A run that failed needs no answers; what is stored of it is known by its id.</summary>
    public RunEnd ToEnd() => _fault is null ? new(Run, _root, _answers, null, _stored) : new(Run, _root, [], _fault);

    private static int Chars(StageArrival answer) => (answer.Reply ?? answer.Token!).Length;

    private DateTimeOffset Now => new(DateTime.SpecifyKind(Context.CurrentUtcDateTime, DateTimeKind.Utc));

    /// <summary>The custom status: what a person sees of a run under way.</summary>
    private void Tell(string state) =>
        Context.SetCustomStatus(new RunProgress(state, _answered, _sent, _retries, Context.Version));
}

/// <summary>Custom status of an orchestration.</summary>
/// <param name="State">What it does.</param>
/// <param name="Answered">Stages that answered.</param>
/// <param name="Sent">Stages sent so far; more may follow from answers.</param>
/// <param name="Retries">Stages that were sent again.</param>
/// <param name="Version">Version of the orchestrator that began it.</param>
internal sealed record RunProgress(string State, int Answered, int Sent, int Retries, string Version);
