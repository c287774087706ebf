using Microsoft.DurableTask;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>One entry of an orchestration's history.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="At">When, UTC. For <see cref="HistoryKind.TimerCreated"/> and <see cref="HistoryKind.TimerFired"/> the time it fires.</param>
/// <param name="Id">Number of the task or timer within the orchestration; −1 for events that have none.</param>
/// <param name="Name">Name of the activity or external event.</param>
/// <param name="Data">Input, output or payload, JSON.</param>
/// <param name="Failure">Why a task failed.</param>
internal sealed record HistoryEvent(
    HistoryKind Kind, DateTime At, int Id = -1, string? Name = null, string? Data = null, TaskFailureDetails? Failure = null);

internal enum HistoryKind
{
    TurnStarted,
    ExecutionStarted,
    TaskScheduled,
    TaskCompleted,
    TaskFailed,
    TimerCreated,
    TimerFired,
    EventRaised,
    Terminated,
}
