using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace ServerlessLoki.LocalCloud.TestApp;

/// <summary>Orchestrations of every shape that the host must carry.</summary>
public sealed class DurableRuns
{
    /// <summary>Starts one and waits for its end.</summary>
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

    /// <summary>State and output of one.</summary>
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

    /// <summary>Calls an activity that takes as long as the input says, in milliseconds.</summary>
    [Function("Linger")]
    public static Task<string> Linger([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.CallActivityAsync<string>(nameof(Rest), context.GetInput<string>());
    }

    /// <summary>A text in, a text out.</summary>
    [Function("Say")]
    public static string Say([ActivityTrigger] string name) => $"hello {name}";

    /// <summary>A record in, a record out.</summary>
    [Function("Measure")]
    public static Text Measure([ActivityTrigger] Text text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text with { Length = text.Value.Length };
    }

    /// <summary>Throws.</summary>
    [Function("Break")]
    public static string Break([ActivityTrigger] string why) => throw new InvalidDataException(why);

    /// <summary>Takes its time.</summary>
    [Function("Rest")]
    public static async Task<string> Rest([ActivityTrigger] string milliseconds)
    {
        Seen.Add("resting");
        await Task.Delay(int.Parse(milliseconds, null));
        return "rested";
    }
}
