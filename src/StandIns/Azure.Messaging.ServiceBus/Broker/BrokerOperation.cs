namespace Azure.Messaging.ServiceBus.Broker;

internal enum BrokerOperation : byte
{
    Send,
    CancelScheduled,
    Receive,
    Complete,
    Abandon,
    DeadLetter,
    Renew,
    Peek,
    CreateQueue,
    UpdateQueue,
    DeleteQueue,
    GetQueue,
    ListQueues,
}
