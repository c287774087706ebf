using Azure.Messaging.ServiceBus;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using ServerlessLoki.LocalCloud.FunctionsHost.Functions;
using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;
using ServerlessLoki.LocalCloud.FunctionsHost.Settings;

namespace ServerlessLoki.LocalCloud.FunctionsHost.ServiceBus;

/// <summary>Trigger that passes a queue's messages to a function. A message that neither the function nor the host settles goes back to the
/// queue when the function fails, and otherwise when its lock ends.</summary>
internal sealed partial class QueueTrigger(FunctionInfo function, string connectionString, string queue, ServiceBusSettings settings, FunctionCaller functions, HeldMessages held, TimeProvider time, ILogger logger)
{
    private const string BindingSource = "AzureServiceBusReceivedMessage";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly bool _completes = function.Trigger.Flag("autoCompleteMessages") ?? settings.AutoCompleteMessages;
    private string? _told;

    /// <summary>Takes messages until stopped; then waits for the functions that process some.</summary>
    /// <param name="stopping">Stops the trigger.</param>
    /// <param name="abort">Cancels the functions.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken abort)
    {
        await using var client = new ServiceBusClient(connectionString);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await ReceiveAsync(client, stopping, abort);
                await Task.Delay(Pause, time, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                Tell(exception);
                await Task.Delay(Pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Runs one processor until stopped, or until its queue turns out to be missing: the client would retry without a
    /// pause.</summary>
    private async Task ReceiveAsync(ServiceBusClient client, CancellationToken stopping, CancellationToken abort)
    {
        await using var processor = client.CreateProcessor(queue, new ServiceBusProcessorOptions
        {
            AutoCompleteMessages = false,
            MaxConcurrentCalls = settings.MaxConcurrentCalls,
            MaxAutoLockRenewalDuration = settings.MaxAutoLockRenewalDuration,
            PrefetchCount = settings.PrefetchCount,
        });
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        processor.ProcessMessageAsync += message => WorkAsync(message, abort);
        processor.ProcessErrorAsync += error =>
        {
            // A function that fails has told it itself.
            if (error.ErrorSource is not ServiceBusErrorSource.ProcessMessageCallback)
                Tell(error.Exception);
            if (error.Exception is ServiceBusException { Reason: ServiceBusFailureReason.MessagingEntityNotFound })
                gone.TrySetResult();
            return Task.CompletedTask;
        };
        await processor.StartProcessingAsync(stopping);
        await Task.WhenAny(gone.Task, Task.Delay(Timeout.Infinite, stopping));
        await processor.StopProcessingAsync(abort);
    }

    private async Task WorkAsync(ProcessMessageEventArgs message, CancellationToken abort)
    {
        if (_told is not null)
            LogBack(logger, queue);
        _told = null;
        held.Hold(message);
        try
        {
            await functions.CallAsync(function, DataOf(message.Message), abort);
            if (_completes && !held.IsSettled(message))
                await message.CompleteMessageAsync(message.Message, CancellationToken.None);
        }
        catch (Exception exception)
        {
            // The client gives the message back.
            LogFailed(logger, function.Name, message.Message.MessageId, FunctionFailedException.CauseOf(exception));
            throw;
        }
        finally
        {
            held.Release(message);
        }
    }

    private TypedData DataOf(ServiceBusReceivedMessage message)
    {
        if (!function.Trigger.IsDeferred)
            return new TypedData { String = message.Body.ToString() };
        var encoded = message.GetRawAmqpMessage().ToBytes().ToMemory();
        var content = new byte[16 + encoded.Length];
        Guid.Parse(message.LockToken).TryWriteBytes(content);
        encoded.CopyTo(content.AsMemory(16));
        return new TypedData
        {
            ModelBindingData = new ModelBindingData { Version = "1.0", Source = BindingSource, ContentType = "application/octet-stream", Content = UnsafeByteOperations.UnsafeWrap(content) },
        };
    }

    /// <summary>Logs one line for each cause, since the client retries many times.</summary>
    private void Tell(Exception exception)
    {
        var cause = exception is ServiceBusException { Reason: not ServiceBusFailureReason.GeneralError } known ? known.Reason.ToString() : exception.GetType().Name;
        if (Interlocked.Exchange(ref _told, cause) != cause)
            LogAway(logger, queue, cause, exception.Message.Split('\n')[0]);
    }

    [LoggerMessage(50, LogLevel.Warning, "Messages of queue {Queue} cannot be received and are tried for again ({Cause}): {Message}")]
    private static partial void LogAway(ILogger logger, string queue, string cause, string message);

    [LoggerMessage(51, LogLevel.Information, "Messages of queue {Queue} are received again")]
    private static partial void LogBack(ILogger logger, string queue);

    [LoggerMessage(52, LogLevel.Error, "Function {Function} failed on message {MessageId}: {Cause}")]
    private static partial void LogFailed(ILogger logger, string function, string messageId, string cause);
}
