using System.Diagnostics;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace ServerlessLoki.LocalCloud.TestApp;

/// <summary>Functions that settle messages by the commands in their bodies.</summary>
public sealed class QueueFunctions
{
    /// <summary>Wait that is longer than the lock of the test's queue.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(7);

    /// <summary>Settles messages by itself.</summary>
    [Function("Orders")]
    public static async Task Orders(
        [ServiceBusTrigger("%OrdersQueue%", Connection = "ServiceBus", AutoCompleteMessages = false)] ServiceBusReceivedMessage message, ServiceBusMessageActions actions,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(actions);
        var order = message.Body.ToString();
        Seen.Add($"{order}-{message.DeliveryCount}");
        switch (order)
        {
            case "abandon" when message.DeliveryCount == 1:
                await actions.AbandonMessageAsync(message, cancellationToken: cancellationToken);
                return;
            case "throw" when message.DeliveryCount == 1:
                throw new InvalidOperationException("thrown on purpose");
            case "deadletter":
                await actions.DeadLetterMessageAsync(message, null, "poison", "put aside on purpose", cancellationToken);
                return;
            case "renew":
                await actions.RenewMessageLockAsync(message, cancellationToken);
                break;
            case "long":
                await Task.Delay(Long, cancellationToken);
                break;
            case "crash" when message.DeliveryCount == 1:
                Process.GetCurrentProcess().Kill();
                return;
        }

        await actions.CompleteMessageAsync(message, cancellationToken);
        Seen.Add($"{order}-completed");
    }

    /// <summary>Lets the host complete messages.</summary>
    [Function("Autos")]
    public static void Autos([ServiceBusTrigger("%AutosQueue%", Connection = "ServiceBus", AutoCompleteMessages = true)] string message) => Seen.Add($"auto-{message}");
}
