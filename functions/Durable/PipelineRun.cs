using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using ServerlessLoki.Serving.Distributed.Runs;

namespace ServerlessLoki.Functions.Durable;

/// <summary>Orchestrator of a run: each stage after its parent, siblings in parallel, each by a message to the workers.</summary>
/// <remarks>It runs again from its start for every answer, so it decides by its input and by what its context says only. A deployment
/// that changes its course raises host.json's <c>defaultVersion</c> and asks <see cref="TaskOrchestrationContext.Version"/>, which says
/// what began the run, before it does the new thing.</remarks>
public static class PipelineRun
{
    /// <summary>Serves a run and stores its end.</summary>
    /// <returns>State in which the run ended.</returns>
    [Function(nameof(RunPipeline))]
    public static async Task<string> RunPipeline([OrchestrationTrigger] TaskOrchestrationContext context, RunStart run)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(run);
        using var course = new RunCourse(context, run);
        var work = ServeAsync(course);
        var cancelled = context.WaitForExternalEvent<string?>(RunEvents.Cancel);
        var first = await Task.WhenAny(work, course.Failed, cancelled);
        if (first == cancelled)
            course.Fail(new RunFault("cancelled", "Cancelled by its caller."));
        else if (first.Exception is { } broken)
            course.Fail(new RunFault("failed", broken.GetBaseException().Message));
        course.Stop();
        return await context.CallActivityAsync<string>(nameof(RunActivities.EndRun), course.ToEnd(), course.Patience);
    }

    private static async Task ServeAsync(RunCourse course)
    {
        try
        {
            var sent = await course.Context.CallActivityAsync<SentStages>(nameof(RunActivities.BeginRun), course.Run, course.Patience);
            course.Begun(sent);
            foreach (var ticket in sent.Tickets)
                await StageAsync(course, ticket);
            if (sent.HasJoins)
                await JoinAsync(course);
            await StoreAsync(course);
        }
        catch (TaskFailedException e)
        {
            course.Fail(new RunFault("failed", e.FailureDetails.ErrorMessage));
        }
    }

    /// <summary>Sends joins once every stage that was sent has answered, until there are none; a join's answer may open others.</summary>
    private static async Task JoinAsync(RunCourse course)
    {
        while (!course.HasFailed)
        {
            await StoreAsync(course);
            var joins = await course.Context.CallActivityAsync<SentStages>(nameof(RunActivities.JoinStages), course.ToJoins(), course.Patience);
            if (joins.Fault is { } fault)
                course.Fail(fault);
            if (joins.Tickets.Count == 0)
                return;
            course.Joined(joins);
            await Task.WhenAll(joins.Tickets.Select(join => StageAsync(course, join)));
        }
    }

    /// <summary>Stores the answers that do not fit into the next step's input.</summary>
    private static async Task StoreAsync(RunCourse course)
    {
        while (!course.HasFailed && course.Surplus() is { Count: > 0 } surplus)
        {
            var step = new RunAnswersToStore(course.Run, surplus);
            course.Stored(surplus.Count, await course.Context.CallActivityAsync<string>(nameof(RunActivities.StoreAnswers), step, course.Patience));
        }
    }

    /// <summary>Runs a stage and all stages below it.</summary>
    private static async Task StageAsync(RunCourse course, StageTicket ticket)
    {
        var until = course.Until(1);
        for (var waits = 1; !course.HasFailed;)
        {
            var arrival = await AnswerAsync(course, ticket, until);
            if (course.HasFailed)
                return;
            var step = new StageStep(course.Run, ticket, arrival);
            if (arrival is null)
            {
                if (course.IsDue)
                {
                    course.Fail(new RunFault("expired", $"Task {ticket.Task}, variant {ticket.Variant}, had not answered when the run's time was over."));
                    return;
                }

                if (await SendAgainAsync(course, step) is not { } present)
                    return;
                waits = present.Message == ticket.Message ? waits + 1 : 1;
                (ticket, until) = (present, course.Until(waits));
                continue;
            }

            var sent = await course.Context.CallActivityAsync<SentStages>(nameof(RunActivities.ExpandStage), step, course.Patience);
            if (sent.IsLate)
                continue;
            if (sent.Fault is null)
            {
                course.Answered(arrival, sent);
                await Task.WhenAll(sent.Tickets.Select(child => StageAsync(course, child)));
                return;
            }

            if (!sent.Fault.MayRetry || ticket.Attempt >= course.Run.Attempts)
            {
                course.Fail(sent.Fault with { Error = $"{sent.Fault.Error} (attempt {ticket.Attempt} of {course.Run.Attempts}, variant {ticket.Variant})" });
                return;
            }

            if (await SendAgainAsync(course, step) is not { } next)
                return;
            (ticket, until, waits) = (next, course.Until(1), 1);
        }
    }

    /// <summary>Sends a stage again and returns the ticket to wait for; null if the run has failed.</summary>
    private static async Task<StageTicket?> SendAgainAsync(RunCourse course, StageStep step)
    {
        var sent = await course.Context.CallActivityAsync<SentStages>(nameof(RunActivities.RetryStage), step, course.Patience);
        if (sent.Fault is { } fault)
        {
            course.Fail(fault);
            return null;
        }

        if (sent.Tickets[0].Message != step.Ticket.Message)
            course.Retried();
        return sent.Tickets[0];
    }

    /// <summary>Waits for an answer; null when none came in time, or the run has failed elsewhere.</summary>
    private static async Task<StageArrival?> AnswerAsync(RunCourse course, StageTicket ticket, DateTime until)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(course.Stopped);
        var answer = course.Context.WaitForExternalEvent<StageArrival>(ticket.Event, waiting.Token);
        while (!answer.IsCompleted && !course.Stopped.IsCancellationRequested)
        {
            var look = course.LookAt(until);
            await Task.WhenAny(answer, look.Timer);
            if (answer.IsCompleted || look.Time < until)
                continue;
            End(waiting);
            return null;
        }

        return answer.IsCompletedSuccessfully ? await answer : null;

        // The next wait is for the same event, which this one must not take. An orchestrator goes on in its own thread only, so not by CancelAsync.
        static void End(CancellationTokenSource wait) => wait.Cancel();
    }
}
