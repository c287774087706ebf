using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Slots;

namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>Forwarding of late messages in queues that the plan no longer uses: messages sent by the plan before, or left by a lost worker.
/// One worker does it for each queue, by lease.</summary>
internal sealed class RetiredSweep(
    IStageQueues queues, IStateStore state, Dispatcher dispatcher, PipelineIndex index, WorkerOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly Dictionary<StageKey, IStageReceiver> _open = [];

    public async Task LookAsync(PublishedPlan plan, Func<VariantId, bool> isServed, CancellationToken cancellationToken)
    {
        var planned = plan.Document.Plan.Slots.Select(SharedRoutes.IdOf).ToHashSet();
        var deserted = new HashSet<StageKey>();
        foreach (var retired in plan.Document.Retired)
        {
            if (index.TryFind(retired.Pipeline, retired.Task, retired.Variant) is { } id && !planned.Contains(id) && !isServed(id)
                && await state.ClaimAsync($"sweep/{retired.Key}", options.Id, time.GetUtcNow(), options.Lease, cancellationToken))
            {
                deserted.Add(retired.Key);
            }
        }

        foreach (var key in _open.Keys.Except(deserted).ToList())
        {
            await _open[key].DisposeAsync();
            _open.Remove(key);
        }

        foreach (var key in deserted.Except(_open.Keys).ToList())
            _open[key] = queues.OpenReceiver(key, () => { });
        foreach (var (key, receiver) in _open)
            await SendOnAsync(key, receiver);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (key, receiver) in _open)
        {
            await receiver.DisposeAsync();
            await state.ReleaseAsync($"sweep/{key}", options.Id, CancellationToken.None);
        }

        _open.Clear();
    }

    private async Task SendOnAsync(StageKey key, IStageReceiver receiver)
    {
        var items = new List<StageItem>();
        receiver.Take(int.MaxValue, items);
        if (items.Count > 0)
            logger.Swept(items.Count, key.ToString());
        foreach (var item in items)
        {
            dispatcher.Evacuate(item, $"Variant {key.Variant} left the plan, and no other can answer in time.");
            try
            {
                await receiver.CompleteAsync(item, CancellationToken.None);
            }
            catch (Exception exception)
            {
                // It comes again.
                logger.SettleFailed(exception);
            }
        }
    }
}
