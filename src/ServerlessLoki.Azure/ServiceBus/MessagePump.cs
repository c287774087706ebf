using global::Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Receiver loop of one queue: one message with each call, with several calls under way.</summary>
/// <remarks>A call for several messages does not return with the first one: the client library waits 20 ms for more, and a query would pay that
/// at each stage and once more for its answer. A message that comes between two such calls finds none that waits for it, and the library
/// gives it back to the queue. A call for one message returns with it.</remarks>
internal sealed class MessagePump : IAsyncDisposable
{
    private readonly ServiceBusReceiver _receiver;
    private readonly QueueMaker _maker;
    private readonly Func<int> _room;
    private readonly Func<ServiceBusReceivedMessage, CancellationToken, Task> _take;
    private readonly ServiceBusOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private int _calls;
    private Exception? _fault;

    /// <param name="receiver">Receiver of the queue; outlives the pump.</param>
    /// <param name="maker">Creates the queue where it is missing.</param>
    /// <param name="room">Returns how many more messages have room.</param>
    /// <param name="take">Handles a message, whose room is taken when the method returns and free again when its task ends. The token is
    /// cancelled when the pump stops.</param>
    /// <param name="options">Waits and pauses.</param>
    /// <param name="time">Clock of pauses.</param>
    /// <param name="logger">Logs faults.</param>
    public MessagePump(
        ServiceBusReceiver receiver, QueueMaker maker, Func<int> room, Func<ServiceBusReceivedMessage, CancellationToken, Task> take, ServiceBusOptions options,
        TimeProvider time, ILogger logger)
    {
        (_receiver, _maker, _room, _take, _options, _time, _logger) = (receiver, maker, room, take, options, time, logger);
        _loop = LoopAsync();
    }

    private string Queue => _receiver.EntityPath;

    /// <summary>Signals that there may be more room, other than by the end of a handled message.</summary>
    public void Changed()
    {
        lock (_gate)
        {
            if (_changed.CurrentCount == 0)
                _changed.Release();
        }
    }

    /// <summary>Stops after the received messages were handled.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
    }

    private async Task LoopAsync()
    {
        var stop = _stop.Token;
        var calls = new HashSet<Task>();
        await Task.Yield();
        try
        {
            while (true)
            {
                calls.RemoveWhere(static c => c.IsCompleted);
                for (var more = _room() - Volatile.Read(ref _calls); more > 0; more--)
                    calls.Add(ReceiveAsync(stop));
                await _changed.WaitAsync(stop);
                if (Volatile.Read(ref _fault) is not { } fault)
                    continue;
                await MendAsync(fault, stop);
                // What failed meanwhile most likely failed for the same cause.
                Volatile.Write(ref _fault, null);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Task.WhenAll(calls);
        }
    }

    private async Task ReceiveAsync(CancellationToken stop)
    {
        Interlocked.Increment(ref _calls);
        try
        {
            await await ReceiveOneAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Nothing was received, or what was received is given back.
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _fault, exception, null);
        }
        finally
        {
            Changed();
        }
    }

    /// <summary>Receives a message.</summary>
    /// <returns>Task of the message's handling: another call may follow meanwhile.</returns>
    private async Task<Task> ReceiveOneAsync(CancellationToken stop)
    {
        try
        {
            var message = await ServiceBusMetrics.MeasureAsync("receive", Queue, _time, () => _receiver.ReceiveMessageAsync(_options.ReceiveWait, stop));
            return message is null ? Task.CompletedTask : TakeAsync(message, stop);
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
            Changed();
        }
    }

    private Task TakeAsync(ServiceBusReceivedMessage message, CancellationToken stop)
    {
        ServiceBusMetrics.Received.Add(1, ServiceBusMetrics.Queue(Queue));
        if (message.DeliveryCount > 1)
            ServiceBusMetrics.Redelivered.Add(1, ServiceBusMetrics.Queue(Queue));
        return _take(message, stop);
    }

    /// <summary>Creates a queue that is missing, or pauses.</summary>
    private async Task MendAsync(Exception fault, CancellationToken stop)
    {
        try
        {
            if (fault is not ServiceBusException { Reason: ServiceBusFailureReason.MessagingEntityNotFound })
                _logger.ReceiveFailed(fault, Queue);
            else if (await _maker.TryMakeAsync(Queue, stop))
                return;
        }
        catch (Exception exception) when (!stop.IsCancellationRequested)
        {
            _logger.ReceiveFailed(exception, Queue);
        }

        await Task.Delay(_options.Pause, _time, stop);
    }
}
