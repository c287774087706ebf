using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>Queues of a worker. A message is completed when its children and replies have arrived; if some of them have not, the message
/// comes again.</summary>
internal sealed class SettledQueues(IStageQueues queues, ServingClock clock) : IStageQueues
{
    /// <summary>Starts to send and returns at once; the scope tracks the messages under way.</summary>
    public ValueTask SendAsync(StageKey key, StageItem item, CancellationToken cancellationToken)
    {
        ((WorkerQuery)item.Scope).Track(SendOnAsync(key, item, cancellationToken));
        return ValueTask.CompletedTask;
    }

    public IStageReceiver OpenReceiver(StageKey key, Action arrived) => new Receiver(queues.OpenReceiver(key, arrived));

    private async Task SendOnAsync(StageKey key, StageItem item, CancellationToken cancellationToken)
    {
        try
        {
            // What is late has been answered by its ingress: there is nobody to tell.
            await SendingLimit.TrySendAsync(queues, key, item, clock, cancellationToken);
        }
        finally
        {
            item.Scope.Release();
        }
    }

    private sealed class Receiver(IStageReceiver receiver) : IStageReceiver
    {
        private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

        // One for the receiver itself, until it is disposed.
        private int _open = 1;

        public int Count => receiver.Count;

        public long HeadOrderUs => receiver.HeadOrderUs;

        public void Expect(int rows) => receiver.Expect(rows);

        public bool HasParticular => receiver.HasParticular;

        public void Peek(int max, ICollection<StageItem> into) => receiver.Peek(max, into);

        public void Take(int max, ICollection<StageItem> into) => receiver.Take(max, into);

        public async ValueTask CompleteAsync(StageItem item, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _open);
            try
            {
                try
                {
                    await ((IWorkerScope)item.Scope).SentAsync();
                }
                catch
                {
                    await receiver.AbandonAsync(item, cancellationToken);
                    throw;
                }

                await receiver.CompleteAsync(item, cancellationToken);
            }
            finally
            {
                Close();
            }
        }

        public async ValueTask AbandonAsync(StageItem item, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _open);
            try
            {
                await receiver.AbandonAsync(item, cancellationToken);
            }
            finally
            {
                Close();
            }
        }

        /// <summary>Completes the confirmations under way, then disposes.</summary>
        public async ValueTask DisposeAsync()
        {
            Close();
            await _settled.Task;
            await receiver.DisposeAsync();
        }

        private void Close()
        {
            if (Interlocked.Decrement(ref _open) == 0)
                _settled.TrySetResult();
        }
    }
}
