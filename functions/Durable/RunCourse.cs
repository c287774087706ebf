using Microsoft.DurableTask;
using ServerlessLoki.Serving.Remote.Runs;

namespace ServerlessLoki.Functions.Durable;

/// <summary>What an orchestration has so far. Only its own thread touches it.</summary>
internal sealed class RunCourse(TaskOrchestrationContext context, RunStart run) : IDisposable
{
    /// <summary>A queue's wait grows with the load: to look whether the message is still served costs an entry of history each time.</summary>
    private const int LongestWaits = 16;
    private readonly List<StageArrival> _answers = [];
    private readonly TaskCompletionSource _failed = new();
    private readonly CancellationTokenSource _stopped = new();
    private StageTicket? _root;
    private DateTimeOffset _due = context.Version is "" or "1.0" ? run.Created + TimeSpan.FromDays(7) : run.Due;
    private RunFault? _fault;
    private int _sent;
    private int _retries;

    public TaskOrchestrationContext Context { get; } = context;

    public RunStart Run { get; } = run;

    /// <summary>True for what version 1.0 began: where the course has changed since, its replay goes the old way. To be dropped when none of
    /// these can be under way any more.</summary>
    public bool IsOfFirstRelease => Context.Version is "" or "1.0";

    /// <summary>An activity fails when the state, the queues or the plan are away, or when nobody can serve what it sends yet: it is tried for as
    /// long as the run may last.</summary>
    public TaskOptions Patience { get; } = TaskOptions.FromRetryPolicy(context.Version is "" or "1.0"
        ? new RetryPolicy(maxNumberOfAttempts: 12, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 1.6, maxRetryInterval: TimeSpan.FromSeconds(30))
        : new RetryPolicy(
            maxNumberOfAttempts: 100_000, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 1.6, maxRetryInterval: TimeSpan.FromMinutes(1),
            retryTimeout: run.Due - run.Created));

    /// <summary>True when the run's time is over.</summary>
    public bool IsDue => Now >= _due;

    /// <summary>Ends when the run has failed.</summary>
    public Task Failed => _failed.Task;

    public bool HasFailed => _fault is not null;

    /// <summary>True when nothing is to be sent any more, whatever is answered still. The first release did not stop so soon.</summary>
    public bool HasStopped => HasFailed && !IsOfFirstRelease;

    /// <summary>Ends the waits of other stages with the run's failure: an open timer would keep its history busy.</summary>
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
        if (HasStopped)
            _stopped.Cancel();
        _failed.TrySetResult();
    }

    public void Dispose() => _stopped.Dispose();

    /// <summary>A stage that does not answer is waited for as long as the run may last; the first release gave up after some attempts.</summary>
    public bool MayWaitOn(StageTicket ticket) => !IsOfFirstRelease || ticket.Attempt < Run.Attempts;

    /// <summary>Until when an answer is waited for without a look; each wait for the same message is longer than the one before.</summary>
    /// <param name="waits">Which wait it is, from 1.</param>
    public DateTime Until(int waits)
    {
        var until = Now + (Run.StageTimeout * Math.Min(waits, LongestWaits));
        return (until < _due ? until : _due).UtcDateTime;
    }

    public RunJoins ToJoins() => new(Run, _root!, _answers);

    public RunEnd ToEnd() => new(Run, _root, _answers, _fault);

    private DateTimeOffset Now => new(DateTime.SpecifyKind(Context.CurrentUtcDateTime, DateTimeKind.Utc));

    /// <summary>The custom status: what a person sees of a run under way.</summary>
    private void Tell(string state) =>
        Context.SetCustomStatus(new RunProgress(state, _answers.Count, _sent, _retries, Context.Version));
}

/// <summary>Custom status of an orchestration.</summary>
/// <param name="State">What it does.</param>
/// <param name="Answered">Stages that answered.</param>
/// <param name="Sent">Stages sent so far; more may follow from answers.</param>
/// <param name="Retries">Stages that were sent again.</param>
/// <param name="Version">Version of the orchestrator that began it.</param>
internal sealed record RunProgress(string State, int Answered, int Sent, int Retries, string Version);
