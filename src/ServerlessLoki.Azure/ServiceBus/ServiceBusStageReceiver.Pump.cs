using global::Azure.Messaging.ServiceBus;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Background work of a receiver: receiving, reading, renewing locks.</summary>
internal sealed partial class ServiceBusStageReceiver
{
    private int Room()
    {
        lock (_gate)
            return _batchRows - _window.Count - _reading;
    }

    private Task TakeInAsync(ServiceBusReceivedMessage message, CancellationToken stop) => ReadAsync(Hold(message), stop);

    private HeldMessage Hold(ServiceBusReceivedMessage message)
    {
        var held = new HeldMessage(message, _time.GetUtcNow());
        lock (_gate)
        {
            _held.Add(held);
            _reading++;
        }

        return held;
    }

    private async Task ReadAsync(HeldMessage held, CancellationToken stop)
    {
        StageItem? item = null;
        try
        {
            item = await _inlet.ReadAsync(held.Message, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It is among the held ones, which closing gives back.
            return;
        }
        finally
        {
            lock (_gate)
            {
                _reading--;
                held.Item = item;
                if (item is null && !stop.IsCancellationRequested)
                    _held.Remove(held);
                else if (item is not null && _held.Contains(held))
                    _window.Enqueue(held, (item.Scope.OrderUs, held.Message.SequenceNumber));
                Publish();
            }
        }

        if (item is not null)
            _arrived();
    }

    /// <summary>Renews each lock when half of its duration is over.</summary>
    private async Task CareAsync()
    {
        var stop = _stopCare.Token;
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(_options.LockDuration / 5, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            HeldMessage[] due;
            lock (_gate)
            {
                var now = _time.GetUtcNow();
                due = [.. _held.Where(h => !h.IsLost && now - h.LockedAt >= _options.LockDuration / 2)];
            }

            if (due.Length > 0 && !stop.IsCancellationRequested)
                await Task.WhenAll(due.Select(h => RenewAsync(h, stop)));
        }
    }

    private async Task RenewAsync(HeldMessage held, CancellationToken stop)
    {
        var now = _time.GetUtcNow();
        try
        {
            if (await _inlet.RenewAsync(held.Message, stop))
            {
                lock (_gate)
                    held.LockedAt = now;
                return;
            }

            lock (_gate)
            {
                held.IsLost = true;
                _window.Remove(held, out _, out _);
                if (!held.IsTaken)
                    _held.Remove(held);
                Publish();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            _logger.RenewFailed(exception, _inlet.Queue);
        }
    }
}
