namespace Azure.Messaging.ServiceBus;

public class ServiceBusException : Exception
{
    public ServiceBusException()
    {
    }

    public ServiceBusException(
        bool isTransient, string message, string entityName = null, ServiceBusFailureReason reason = ServiceBusFailureReason.GeneralError,
        Exception innerException = null)
        : base(message, innerException)
    {
        (IsTransient, EntityPath, Reason) = (isTransient, entityName, reason);
    }

    public ServiceBusException(string message, ServiceBusFailureReason reason, string entityPath = null, Exception innerException = null)
        : this(IsTransientReason(reason), message, entityPath, reason, innerException)
    {
    }

    public string EntityPath { get; }

    public bool IsTransient { get; }

    public override string Message => $"{base.Message} ({Reason})";

    public ServiceBusFailureReason Reason { get; }

    private static bool IsTransientReason(ServiceBusFailureReason reason) => reason is ServiceBusFailureReason.ServiceBusy
        or ServiceBusFailureReason.ServiceTimeout or ServiceBusFailureReason.ServiceCommunicationProblem;
}
