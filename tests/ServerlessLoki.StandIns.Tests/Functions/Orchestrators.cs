using System.Collections.Concurrent;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace ServerlessLoki.StandIns.Tests.Functions;

/// <summary>Orchestrations of the tests. What they count is kept by instance.</summary>
public static class Orchestrators
{
    public static ConcurrentDictionary<string, int> Runs { get; } = new(StringComparer.Ordinal);

    /// <summary>What a changed deployment would do differently.</summary>
    public static ConcurrentDictionary<string, string> Variants { get; } = new(StringComparer.Ordinal);

    [Function(nameof(FanOut))]
    public static async Task<int[]> FanOut([OrchestrationTrigger] TaskOrchestrationContext context, int count)
    {
        context.SetCustomStatus($"0 of {count}");
        var squares = await Task.WhenAll(Enumerable.Range(0, count).Select(i => context.CallActivityAsync<int>(nameof(Square), i)));
        context.SetCustomStatus($"{count} of {count}");
        return squares;
    }

    [Function(nameof(TwoSteps))]
    public static async Task<string> TwoSteps([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var first = await context.CallActivityAsync<int>(Variants.GetValueOrDefault(context.InstanceId, nameof(Square)), 3);
        var id = context.NewGuid();
        var replayed = context.IsReplaying;
        var word = await context.WaitForExternalEvent<string>("Word");
        await context.CallActivityAsync(nameof(Note), context.InstanceId);
        return $"{first} {word} {id} {replayed}";
    }

    [Function(nameof(Patient))]
    public static async Task<string> Patient([OrchestrationTrigger] TaskOrchestrationContext context, TimeSpan patience)
    {
        try
        {
            return await context.WaitForExternalEvent<string>("Word", patience);
        }
        catch (OperationCanceledException)
        {
            return "timed out";
        }
    }

    [Function(nameof(Stubborn))]
    public static async Task<string> Stubborn([OrchestrationTrigger] TaskOrchestrationContext context, int attempts)
    {
        var retry = TaskOptions.FromRetryPolicy(new RetryPolicy(attempts, TimeSpan.FromMilliseconds(5), 2));
        try
        {
            return await context.CallActivityAsync<string>(nameof(FailsTwice), context.InstanceId, retry);
        }
        catch (TaskFailedException e)
        {
            return $"{e.TaskName}: {e.FailureDetails.ErrorMessage}, {e.FailureDetails.IsCausedBy<InvalidOperationException>()}";
        }
    }

    [Function(nameof(Throws))]
    public static Task<string> Throws([OrchestrationTrigger] TaskOrchestrationContext context) => throw new InvalidOperationException("so " + context.Version);

    [Function(nameof(AwaitsTheWorld))]
    public static async Task<string> AwaitsTheWorld([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        await Task.Delay(10);
        return context.InstanceId;
    }

    [Function(nameof(Square))]
    public static int Square([ActivityTrigger] int number) => number * number;

    [Function(nameof(Cube))]
    public static int Cube([ActivityTrigger] int number) => number * number * number;

    [Function(nameof(Note))]
    public static void Note([ActivityTrigger] string instance) => Runs.AddOrUpdate(instance, 1, (_, n) => n + 1);

    [Function(nameof(FailsTwice))]
    public static string FailsTwice([ActivityTrigger] string instance) =>
        Runs.AddOrUpdate(instance, 1, (_, n) => n + 1) > 2 ? "at last" : throw new InvalidOperationException("not yet");
}
