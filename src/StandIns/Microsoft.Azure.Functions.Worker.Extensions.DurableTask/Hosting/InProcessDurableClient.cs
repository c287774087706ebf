using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>The client of this process's task hub.</summary>
internal sealed class InProcessDurableClient(TaskHub hub, AppSettings settings, TimeProvider time) : DurableTaskClient("in-process"), IInputBinding
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    public string BaseUrl => (settings.Find("urls") ?? "").Split(';')[0].TrimEnd('/');

    Type IInputBinding.Attribute => typeof(DurableClientAttribute);

    object IInputBinding.Value => this;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    public override Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var now = Now;
        var id = options?.InstanceId ?? Guid.NewGuid().ToString("N");
        var version = options?.Version?.Version ?? settings.OfHost("extensions:durableTask:defaultVersion") ?? "";
        var row = new InstanceRow(id, orchestratorName.Name, version, OrchestrationRuntimeStatus.Pending, now, now)
        {
            Input = JsonConverterOfWorker.Instance.Serialize(input),
        };
        return hub.Create(row, options?.StartAt?.UtcDateTime ?? now)
            ? Task.FromResult(id)
            : throw new InvalidOperationException($"An orchestration '{id}' is there already and has not ended.");
    }

    public override Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        return hub.Post(instanceId, new HistoryEvent(HistoryKind.EventRaised, Now, Name: eventName, Data: JsonConverterOfWorker.Instance.Serialize(eventPayload)))
            ? Task.CompletedTask
            : throw new InvalidOperationException($"No orchestration '{instanceId}' is running.");
    }

    public override async Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default)
    {
        while (true)
        {
            var row = hub.Find(instanceId) ?? throw new InvalidOperationException($"No orchestration '{instanceId}'.");
            if (row.HasEnded)
                return Metadata(row, getInputsAndOutputs);
            await Task.Delay(Poll, cancellation);
        }
    }

    public override Task TerminateInstanceAsync(string instanceId, TerminateInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        hub.Post(instanceId, new HistoryEvent(HistoryKind.Terminated, Now, Data: JsonConverterOfWorker.Instance.Serialize(options?.Output)));
        return Task.CompletedTask;
    }

    public override Task<OrchestrationMetadata?> GetInstancesAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        Task.FromResult(hub.Find(instanceId) is { } row ? Metadata(row, getInputsAndOutputs) : null);

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null) => new InstancePages(hub, filter ?? new());

    public override Task<PurgeResult> PurgeInstanceAsync(
        string instanceId, PurgeInstanceOptions? options = null, CancellationToken cancellation = default) =>
        Task.FromResult(new PurgeResult(hub.Purge(instanceId) ? 1 : 0));

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal static OrchestrationMetadata Metadata(InstanceRow row, bool all) => new(row.Name, row.Id)
    {
        RuntimeStatus = row.Status,
        CreatedAt = new DateTimeOffset(row.Created),
        LastUpdatedAt = new DateTimeOffset(row.Updated),
        FailureDetails = row.Failure,
        DataConverter = all ? JsonConverterOfWorker.Instance : null,
        SerializedInput = all ? row.Input : null,
        SerializedOutput = all ? row.Output : null,
        SerializedCustomStatus = all ? row.CustomStatus : null,
    };
}
