using Azure.Messaging.ServiceBus.Broker;

namespace Azure.Messaging.ServiceBus.Administration;

public class QueueRuntimeProperties
{
    private readonly QueueState _state;

    internal QueueRuntimeProperties(QueueState state) => _state = state;

    public DateTimeOffset AccessedAt => _state.AccessedAt;

    public long ActiveMessageCount => _state.Active;

    public DateTimeOffset CreatedAt => _state.CreatedAt;

    public long DeadLetterMessageCount => _state.DeadLetters;

    public string Name => _state.Settings.Name;

    public long ScheduledMessageCount => _state.Scheduled;

    public long SizeInBytes => _state.SizeInBytes;

    public long TotalMessageCount => _state.Active + _state.Scheduled + _state.DeadLetters;

    public DateTimeOffset UpdatedAt => _state.UpdatedAt;
}
