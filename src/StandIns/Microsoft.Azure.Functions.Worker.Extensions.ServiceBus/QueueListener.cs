using System.Globalization;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Receives from a queue and calls a function per message, as many at a time as host.json's <c>maxConcurrentCalls</c>.</summary>
/// <remarks>A message whose function fails is abandoned, so it comes again until the queue's delivery count ends that.</remarks>
internal sealed partial class QueueListener(FunctionMethod function, AppSettings settings, FunctionInvoker invoker, ILogger<QueueListener> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private string? _cause;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var trigger = (ServiceBusTriggerAttribute)function.Trigger;
        var calls = int.TryParse(settings.OfHost("extensions:serviceBus:maxConcurrentCalls"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 16;
        var client = new ServiceBusClient(settings.Connection(trigger.Connection ?? "AzureWebJobsServiceBus"));
        await using (client)
        {
            var receiver = client.CreateReceiver(settings.Resolve(trigger.QueueName!));
            await using (receiver)
                await Task.WhenAll(Enumerable.Range(0, calls).Select(_ => ReceiveAsync(receiver, trigger, stoppingToken)));
        }
    }

    private async Task ReceiveAsync(ServiceBusReceiver receiver, ServiceBusTriggerAttribute trigger, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var message = await receiver.ReceiveMessageAsync(null, stoppingToken);
                _cause = null;
                if (message is not null)
                    await RunAsync(receiver, trigger, message, stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // No such queue yet, or no broker: the real host tries on, too. Said once for all receivers.
                if (Interlocked.Exchange(ref _cause, e.Message) != e.Message)
                    LogNoBus(logger, function.Name, e.Message);
                await Task.Delay(Pause, CancellationToken.None);
            }
        }
    }

    private async Task RunAsync(ServiceBusReceiver receiver, ServiceBusTriggerAttribute trigger, ServiceBusReceivedMessage message, CancellationToken stoppingToken)
    {
        var actions = new ServiceBusMessageActions(receiver);
        var named = function.Method.GetParameters().Where(p => p.ParameterType == typeof(ServiceBusMessageActions))
            .ToDictionary(p => p.Name!, _ => (object?)actions, StringComparer.Ordinal);
        try
        {
            await invoker.InvokeAsync(function, message, named, stoppingToken);
        }
        catch (Exception e)
        {
            LogFailed(logger, function.Name, message.MessageId, e);
            await receiver.AbandonMessageAsync(message, null, CancellationToken.None);
            return;
        }

        if (trigger.AutoCompleteMessages)
            await receiver.CompleteMessageAsync(message, CancellationToken.None);
    }

    [LoggerMessage(1, LogLevel.Error, "Function {Function} failed on message {Message}; it comes again")]
    private static partial void LogFailed(ILogger logger, string function, string message, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "Function {Function} cannot receive yet: {Cause}")]
    private static partial void LogNoBus(ILogger logger, string function, string cause);
}
