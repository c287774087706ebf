using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;

namespace ServerlessLoki.LocalCloud.FunctionsHost.ServiceBus;

/// <summary>Messages that functions are processing, and the service by which workers settle them.</summary>
internal sealed class HeldMessages : Settlement.SettlementBase
{
    private readonly ConcurrentDictionary<string, Held> _held = new(StringComparer.OrdinalIgnoreCase);

    public void Hold(ProcessMessageEventArgs message) => _held[message.Message.LockToken] = new Held(message);

    /// <summary>Tests whether the function has settled the message itself.</summary>
    public bool IsSettled(ProcessMessageEventArgs message) => _held.TryGetValue(message.Message.LockToken, out var held) && held.IsSettled;

    public void Release(ProcessMessageEventArgs message) => _held.TryRemove(message.Message.LockToken, out _);

    public override Task<Empty> Complete(CompleteRequest request, ServerCallContext context) =>
        SettleAsync(request.Locktoken, ByteString.Empty, m => m.CompleteMessageAsync(m.Message, context.CancellationToken));

    public override Task<Empty> Abandon(AbandonRequest request, ServerCallContext context) =>
        SettleAsync(request.Locktoken, request.PropertiesToModify, m => m.AbandonMessageAsync(m.Message, cancellationToken: context.CancellationToken));

    public override Task<Empty> Deadletter(DeadletterRequest request, ServerCallContext context) => SettleAsync(
        request.Locktoken, request.PropertiesToModify,
        m => m.DeadLetterMessageAsync(m.Message, request.DeadletterReason, request.DeadletterErrorDescription, context.CancellationToken));

    public override Task<Empty> RenewMessageLock(RenewMessageLockRequest request, ServerCallContext context) =>
        SettleAsync(request.Locktoken, ByteString.Empty, m => m.RenewMessageLockAsync(m.Message, context.CancellationToken), settles: false);

    private async Task<Empty> SettleAsync(string lockToken, ByteString properties, Func<ProcessMessageEventArgs, Task> settle, bool settles = true)
    {
        if (!properties.IsEmpty)
            throw new RpcException(new Status(StatusCode.Unimplemented, "This host does not change properties of messages."));
        if (!_held.TryGetValue(lockToken, out var held))
            throw new RpcException(new Status(StatusCode.NotFound, $"No function works on a message with lock token '{lockToken}': its function has ended."));
        try
        {
            await settle(held.Message);
            held.IsSettled |= settles;
            return new Empty();
        }
        catch (ServiceBusException exception)
        {
            throw new RpcException(new Status(exception.IsTransient ? StatusCode.Unavailable : StatusCode.FailedPrecondition, exception.Message));
        }
    }

    private sealed class Held(ProcessMessageEventArgs message)
    {
        public ProcessMessageEventArgs Message { get; } = message;

        public bool IsSettled { get; set; }
    }
}
