using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>What the hub knows of an instance without its history.</summary>
internal sealed record InstanceRow(string Id, string Name, string Version, OrchestrationRuntimeStatus Status, DateTime Created, DateTime Updated)
{
    public string? Input { get; init; }

    public string? Output { get; init; }

    public string? CustomStatus { get; init; }

    public TaskFailureDetails? Failure { get; init; }

    public bool HasEnded => Status is not (OrchestrationRuntimeStatus.Pending or OrchestrationRuntimeStatus.Running);
}

/// <summary>An activity that is to run.</summary>
internal sealed record ActivityRow(long Key, string Instance, int Id, string Name, string? Input);
