using NATS.Client.JetStream;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Nats.Messaging;

/// <summary>Background work of a receiver: receiving, reading, prolonging.</summary>
internal sealed partial class NatsStageReceiver
{
    /// <summary>Returns the room for messages of a kind. Both have their own, so that queries do not wait behind runs.</summary>
    private int Room(QueueKind kind)
    {
        lock (_gate)
            return _isClosed ? 0 : _batchRows - _waiting[(int)kind];
    }

    private void Receive(QueueKind kind, INatsJSMsg<byte[]> message)
    {
        var held = new HeldMessage(kind, message, _time.GetUtcNow());
        lock (_gate)
        {
            _held.Add(held);
            _waiting[(int)kind]++;
        }

        _ = ReadAsync(held, _stopReading.Token);
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
        catch (Exception exception)
        {
            // Not settled: it comes again.
            _logger.ReceiveFailed(exception, _inlet.Queue);
        }
        finally
        {
            lock (_gate)
            {
                held.Item = item;
                if (item is not null && _held.Contains(held))
                {
                    _window.Enqueue(held, (item.Scope.OrderUs, held.Message.Metadata?.Sequence.Stream ?? 0));
                }
                else if (item is null && !stop.IsCancellationRequested)
                {
                    _held.Remove(held);
                    _waiting[(int)held.Kind]--;
                }

                Publish();
            }
        }

        if (item is not null)
            _arrived();
        else
            Changed();
    }

    /// <summary>Tells the server of each message that is worked on, when half of the time is over after which it would come again.</summary>
    private async Task CareAsync()
    {
        var stop = _stopCare.Token;
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(_options.ExpressAckWait / 5, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            HeldMessage[] due;
            var now = _time.GetUtcNow();
            lock (_gate)
                due = [.. _held.Where(h => now - h.ProlongedAt >= (h.Kind == QueueKind.Express ? _options.ExpressAckWait : _options.DurableAckWait) / 2)];
            foreach (var held in due)
            {
                try
                {
                    await held.Message.AckProgressAsync(cancellationToken: stop);
                    held.ProlongedAt = now;
                }
                catch (Exception exception) when (!stop.IsCancellationRequested)
                {
                    _logger.ProlongFailed(exception, _inlet.Queue);
                    break;
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }
}
