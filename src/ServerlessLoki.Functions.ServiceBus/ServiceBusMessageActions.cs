using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker.Converters;
using ServerlessLoki.Functions.ServiceBus.Rpc;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Settlement of messages that a trigger received, through the host, which holds their locks.</summary>
[InputConverter(typeof(ServiceBusMessageActionsConverter))]
public class ServiceBusMessageActions
{
    private readonly Settlement.SettlementClient _settlement;

    internal ServiceBusMessageActions(Settlement.SettlementClient settlement) => _settlement = settlement;

    /// <summary>Constructor for test doubles, which override all members.</summary>
    protected ServiceBusMessageActions() => _settlement = null!;

    /// <summary>Removes a message from its queue.</summary>
    /// <exception cref="Grpc.Core.RpcException">The host could not, for example because the lock was lost.</exception>
    public virtual async Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        await _settlement.CompleteAsync(new CompleteRequest { Locktoken = message.LockToken }, cancellationToken: cancellationToken);
    }

    /// <summary>Returns a message to its queue.</summary>
    /// <param name="message">Message to return.</param>
    /// <param name="propertiesToModify">Must be null: only the package can change properties.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="Grpc.Core.RpcException">The host could not, for example because the lock was lost.</exception>
    public virtual async Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        RefuseProperties(propertiesToModify);
        await _settlement.AbandonAsync(new AbandonRequest { Locktoken = message.LockToken }, cancellationToken: cancellationToken);
    }

    /// <summary>Moves a message to its queue's dead letters.</summary>
    /// <param name="message">Message to move.</param>
    /// <param name="propertiesToModify">Must be null: only the package can change properties.</param>
    /// <param name="deadLetterReason">Short reason; null = none.</param>
    /// <param name="deadLetterErrorDescription">Description of the fault; null = none.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="Grpc.Core.RpcException">The host could not, for example because the lock was lost.</exception>
    public virtual async Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message, Dictionary<string, object>? propertiesToModify = default, string? deadLetterReason = default,
        string? deadLetterErrorDescription = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        RefuseProperties(propertiesToModify);
        await _settlement.DeadletterAsync(
            new DeadletterRequest { Locktoken = message.LockToken, DeadletterReason = deadLetterReason, DeadletterErrorDescription = deadLetterErrorDescription },
            cancellationToken: cancellationToken);
    }

    /// <summary>Renews a message's lock for the queue's lock duration.</summary>
    /// <exception cref="Grpc.Core.RpcException">The host could not, for example because the lock was lost.</exception>
    public virtual async Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        await _settlement.RenewMessageLockAsync(new RenewMessageLockRequest { Locktoken = message.LockToken }, cancellationToken: cancellationToken);
    }

    private static void RefuseProperties(IDictionary<string, object>? properties)
    {
        if (properties is not null)
            throw new NotSupportedException("Properties of a message cannot be changed here: that needs the package Microsoft.Azure.Functions.Worker.Extensions.ServiceBus.");
    }
}
