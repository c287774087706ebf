using Microsoft.DurableTask;
using DurableStatus = Microsoft.DurableTask.Client.OrchestrationRuntimeStatus;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>How an orchestration ended.</summary>
internal sealed record TurnEnd(DurableStatus Status, string? Output, TaskFailureDetails? Failure);
