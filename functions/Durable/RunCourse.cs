using Microsoft.DurableTask;
using ServerlessLoki.Serving.Remote.Runs;

namespace ServerlessLoki.Functions.Durable;

/// <summary>What an orchestration has so far. Only its own thread touches it.</summary>
internal sealed class RunCourse(TaskOrchestrationContext context, RunStart run)
{
    private readonly List<StageArrival> _answers = [];
    private readonly TaskCompletionSource _failed = new();
    private StageTicket? _root;
    private RunFault? _fault;
    private int _sent;
    private int _retries;

    public TaskOrchestrationContext Context { get; } = context;

    public RunStart Run { get; } = run;

    /// <summary>Ends when the run has failed.</summary>
    public Task Failed => _failed.Task;

    public bool HasFailed => _fault is not null;

    public void Begun(SentStages sent)
    {
        if (sent.Fault is { } fault)
        {
            Fail(fault);
            return;
        }

        _root = sent.Tickets[0];
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
        _failed.TrySetResult();
    }

    public RunJoins ToJoins() => new(Run, _root!, _answers);

    public RunEnd ToEnd() => new(Run, _root, _answers, _fault);

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
