using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;
using Microsoft.Azure.Amqp.Framing;
using ServerlessLoki.LocalCloud.ServiceBus.Queues;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>Refusals as the service's own error conditions, which clients distinguish.</summary>
internal static class AmqpFault
{
    public static AmqpSymbol Condition(BrokerFaultKind kind) => kind switch
    {
        BrokerFaultKind.NotFound => AmqpErrorCode.NotFound,
        BrokerFaultKind.AlreadyExists => new AmqpSymbol(AmqpConstants.Vendor + ":entity-already-exists"),
        BrokerFaultKind.LockLost => new AmqpSymbol(AmqpConstants.Vendor + ":message-lock-lost"),
        BrokerFaultKind.MessageNotFound => new AmqpSymbol(AmqpConstants.Vendor + ":message-not-found"),
        BrokerFaultKind.TooLarge => AmqpErrorCode.MessageSizeExceeded,
        _ => AmqpErrorCode.NotImplemented,
    };

    public static AmqpResponseStatusCode Status(BrokerFaultKind kind) => kind switch
    {
        BrokerFaultKind.NotFound or BrokerFaultKind.MessageNotFound => AmqpResponseStatusCode.NotFound,
        BrokerFaultKind.AlreadyExists => AmqpResponseStatusCode.Conflict,
        BrokerFaultKind.LockLost => AmqpResponseStatusCode.Gone,
        BrokerFaultKind.TooLarge => AmqpResponseStatusCode.Forbidden,
        _ => AmqpResponseStatusCode.NotImplemented,
    };

    public static Error ToError(this BrokerFault fault) => new() { Condition = Condition(fault.Kind), Description = fault.Text };

    public static AmqpException ToException(this BrokerFault fault) => new(fault.ToError());

    /// <summary>Converts a fault to an outcome; accepted when there is no fault.</summary>
    public static Outcome ToOutcome(this BrokerFault? fault) => fault is null ? AmqpConstants.AcceptedOutcome : new Rejected { Error = fault.ToError() };

    /// <summary>Converts an unexpected exception to an error.</summary>
    public static Error ToError(Exception exception) =>
        exception is AmqpException { Error: { } error } ? error : new Error { Condition = AmqpErrorCode.InternalError, Description = exception.Message };
}
