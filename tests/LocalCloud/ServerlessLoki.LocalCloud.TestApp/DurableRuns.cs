using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace ServerlessLoki.LocalCloud.TestApp;

/// <summary>Orchestrations of every kind that the host must support.</summary>
public sealed class DurableRuns
{
    /// <summary>Starts an orchestration and waits for its end.</summary>
    [Function("StartDurable")]
    public static async Task<IActionResult> Start(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "durable/{name}")] HttpRequest request, string name, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(client);
        using var reader = new StreamReader(request.Body);
        var id = await client.ScheduleNewOrchestrationInstanceAsync(name, await reader.ReadToEndAsync(cancellationToken), cancellationToken);
        return new ContentResult { Content = id };
    }

    /// <summary>Returns state and output of an orchestration.</summary>
    [Function("GetDurable")]
    public static async Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "durable/{id}")] HttpRequest request, string id, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        var state = await client.GetInstanceAsync(id, getInputsAndOutputs: true, cancellationToken);
        return new ContentResult { Content = $"{state?.RuntimeStatus} {state?.SerializedOutput ?? state?.FailureDetails?.ErrorMessage}" };
    }

    /// <summary>Calls an activity with a text and with a record, and waits for a timer.</summary>
    [Function("Greet")]
    public static async Task<string> Greet([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var name = context.GetInput<string>()!;
        var greeting = await context.CallActivityAsync<string>(nameof(Say), name);
        await context.CreateTimer(TimeSpan.FromMilliseconds(100), CancellationToken.None);
        var length = await context.CallActivityAsync<Text>(nameof(Measure), new Text(greeting, 0));
        return $"{length.Value}/{length.Length}";
    }

    /// <summary>Calls an activity that throws.</summary>
    [Function("Fail")]
    public static Task<string> Fail([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.CallActivityAsync<string>(nameof(Break), context.GetInput<string>());
    }

    /// <summary>Calls an activity that takes as long as the input says, in milliseconds, again if it fails.</summary>
    [Function("Linger")]
    public static Task<string> Linger([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.CallActivityAsync<string>(nameof(Rest), context.GetInput<string>(), TaskOptions.FromRetryPolicy(new RetryPolicy(5, TimeSpan.FromSeconds(1))));
    }

    /// <summary>Returns a text for a text.</summary>
    [Function("Say")]
    public static string Say([ActivityTrigger] string name) => $"hello {name}";

    /// <summary>Returns a record for a record.</summary>
    [Function("Measure")]
    public static Text Measure([ActivityTrigger] Text text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text with { Length = text.Value.Length };
    }

    /// <summary>Throws an exception.</summary>
    [Function("Break")]
    public static string Break([ActivityTrigger] string why) => throw new InvalidDataException(why);

    /// <summary>Waits for the given time.</summary>
    [Function("Rest")]
    public static async Task<string> Rest([ActivityTrigger] string milliseconds)
    {
        Seen.Add("resting");
        await Task.Delay(int.Parse(milliseconds, null));
        return "rested";
    }
}
