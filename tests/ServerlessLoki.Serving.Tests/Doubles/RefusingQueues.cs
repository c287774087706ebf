using ServerlessLoki.Embedded;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Tests.Doubles;

/// <summary>The embedded host's queues, of which some refuse what is sent to them.</summary>
internal sealed class RefusingQueues : IStageQueues
{
    private readonly InProcessStageQueues _queues = new();

    public Func<StageKey, bool> Refuse { get; set; } = _ => false;

    /// <summary>Queues that nobody receives from, though routes lead there.</summary>
    public Func<StageKey, bool> IsUnserved { get; set; } = _ => false;

    public ValueTask SendAsync(StageKey key, StageItem item, CancellationToken cancellationToken) =>
        IsUnserved(key) ? throw new StageUnservedException(key)
        : Refuse(key) ? throw new IOException($"{key} is gone.") : _queues.SendAsync(key, item, cancellationToken);

    public IStageReceiver OpenReceiver(StageKey key, Action arrived) => _queues.OpenReceiver(key, arrived);
}
