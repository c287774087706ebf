using System.Collections.Concurrent;
using ServerlessLoki.LocalCloud.ServiceBus.Journals;

namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

/// <summary>Queues of one namespace. Names are compared without case, as the service does.</summary>
/// <param name="time">Clock of locks, schedules, time-to-live and idle queues.</param>
/// <param name="folder">Folder of the queues' journals; null = in memory only.</param>
internal sealed class MessageBroker(TimeProvider time, string? folder) : IDisposable
{
    private const string Extension = ".journal";
    private readonly ConcurrentDictionary<string, BrokerQueue> _queues = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _making = new();
    private FileStream? _owner;

    /// <summary>Restores the queues that an earlier broker left in the folder.</summary>
    /// <returns>Unreadable parts, one line each; the rest is restored.</returns>
    public IReadOnlyList<string> Recover()
    {
        if (folder is null)
            return [];
        var lost = new List<string>();
        Directory.CreateDirectory(folder);
        _owner = new FileStream(Path.Combine(folder, "broker.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        foreach (var path in Directory.EnumerateFiles(folder, "*" + Extension).Order(StringComparer.Ordinal))
        {
            var recovered = new RecoveredQueue();
            var file = JournalFile.Read(path, recovered.Read);
            if (file.Dropped > 0)
                lost.Add($"{path}: the last {file.Dropped} bytes are not a whole record, and were dropped.");
            if (recovered.Settings is { } settings)
                _queues[settings.Name] = new BrokerQueue(recovered, time, new QueueLog(file), Ended);
            else
                file.Delete();
        }

        return lost;
    }

    /// <summary>Finds the queue or, by its path, its dead letters; null = there is none.</summary>
    public BrokerQueue? Find(string entity)
    {
        if (!entity.EndsWith(BrokerQueue.DeadLetterSuffix, StringComparison.OrdinalIgnoreCase))
            return _queues.GetValueOrDefault(entity);
        return _queues.GetValueOrDefault(entity[..^BrokerQueue.DeadLetterSuffix.Length])?.DeadLetters;
    }

    public QueueState? State(string name) => _queues.GetValueOrDefault(name)?.State();

    public IEnumerable<QueueState> States() =>
        _queues.Values.Select(static q => q.State()).OfType<QueueState>().OrderBy(static s => s.Settings.Name, StringComparer.OrdinalIgnoreCase);

    public BrokerFault? Create(QueueSettings settings)
    {
        lock (_making)
        {
            // One that was idle for too long ends when it is looked at.
            if (State(settings.Name) is not null)
                return new BrokerFault(BrokerFaultKind.AlreadyExists, $"The messaging entity '{settings.Name}' already exists.");
            var log = new QueueLog(folder is null ? null : JournalFile.Create(PathOf(settings.Name)));
            _queues[settings.Name] = new BrokerQueue(settings, time, log, Ended);
            return null;
        }
    }

    public BrokerFault? Update(QueueSettings settings) =>
        _queues.GetValueOrDefault(settings.Name) is { } queue ? queue.Update(settings) : BrokerFault.NotFound(settings.Name);

    public BrokerFault? Delete(string name)
    {
        if (_queues.GetValueOrDefault(name) is not { } queue)
            return BrokerFault.NotFound(name);
        queue.Delete();
        return null;
    }

    public void Dispose()
    {
        foreach (var queue in _queues.Values)
            queue.Close();
        _owner?.Dispose();
    }

    private void Ended(BrokerQueue queue) => _queues.TryRemove(KeyValuePair.Create(queue.Name, queue));

    // Names may have slashes, and differ by case only where they are the same.
    private string PathOf(string name) => Path.Combine(folder!, Uri.EscapeDataString(name.ToLowerInvariant()) + Extension);
}
