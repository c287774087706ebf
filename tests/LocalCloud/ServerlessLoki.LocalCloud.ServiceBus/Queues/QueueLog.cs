using ServerlessLoki.LocalCloud.ServiceBus.Journals;

namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

internal enum RecordKind : byte
{
    Settings = 1,
    Message = 2,
    Locked = 3,
    Free = 4,
    Gone = 5,
    DeadLettered = 6,
    SeenId = 7,
}

/// <summary>Journal writer of a queue and its dead letters; without a file it writes nothing. Guarded by the queue.</summary>
/// <remarks>The changes of one turn of the queue are one frame, so that after a crash they are there as a whole or not at all. Lock expiry
/// and schedules are not written: they follow from the times of the messages.</remarks>
internal sealed class QueueLog(JournalFile? file) : IDisposable
{
    /// <summary>Length from which a journal is rewritten, bytes; afterwards again when it has grown fourfold.</summary>
    private const long RewriteBytes = 4 << 20;

    private readonly MemoryStream _bytes = new();
    private long _rewriteAt = Math.Max(RewriteBytes, (file?.Length ?? 0) * 2);

    private BinaryWriter Writer => field ??= new BinaryWriter(_bytes);

    public void Settings(QueueSettings settings, DateTimeOffset createdAt, long sequence)
    {
        if (file is null)
            return;
        Writer.Write((byte)RecordKind.Settings);
        Writer.Write(settings.Name);
        Writer.Write(settings.LockDuration.Ticks);
        Writer.Write(settings.MaxDeliveryCount);
        Writer.Write(settings.DefaultMessageTimeToLive.Ticks);
        Writer.Write(settings.AutoDeleteOnIdle.Ticks);
        Writer.Write(settings.DeadLetteringOnMessageExpiration);
        Writer.Write(settings.RequiresDuplicateDetection);
        Writer.Write(settings.DuplicateDetectionHistoryTimeWindow.Ticks);
        Writer.Write(settings.UserMetadata ?? "");
        Writer.Write(createdAt.UtcTicks);
        Writer.Write(sequence);
    }

    public void Message(BrokerMessage message, bool isDead)
    {
        if (!Begin(RecordKind.Message, message, isDead))
            return;
        Writer.Write((byte)message.State);
        Writer.Write(message.MessageId is not null);
        Writer.Write(message.MessageId ?? "");
        Writer.Write(message.ScheduledTime?.UtcTicks ?? 0);
        Writer.Write(message.TimeToLive.Ticks);
        Writer.Write(message.SentAt.UtcTicks);
        Writer.Write(message.EnqueuedTime.UtcTicks);
        Writer.Write(message.ExpiresAt.UtcTicks);
        Lock(message);
        Changes(message);
        Bytes(message.Wire);
    }

    public void Locked(BrokerMessage message, bool isDead)
    {
        if (Begin(RecordKind.Locked, message, isDead))
            Lock(message);
    }

    /// <summary>Writes that the receiver returned a message.</summary>
    public void Free(BrokerMessage message, bool isDead)
    {
        if (!Begin(RecordKind.Free, message, isDead))
            return;
        Writer.Write(message.DeliveryCount);
        Changes(message);
    }

    public void Gone(BrokerMessage message, bool isDead) => Begin(RecordKind.Gone, message, isDead);

    /// <summary>Writes that a message became a dead letter.</summary>
    public void DeadLettered(BrokerMessage message)
    {
        if (Begin(RecordKind.DeadLettered, message, isDead: false))
            Changes(message);
    }

    public void SeenId(string id, DateTimeOffset until)
    {
        if (file is null)
            return;
        Writer.Write((byte)RecordKind.SeenId);
        Writer.Write(id);
        Writer.Write(until.UtcTicks);
    }

    /// <summary>Passes the entries since the last call to the operating system, and rewrites a journal that has grown.</summary>
    /// <param name="all">Writes the whole state.</param>
    public void Flush(Action all)
    {
        if (file is null || _bytes.Length == 0)
            return;
        try
        {
            file.Append(_bytes.GetBuffer().AsSpan(0, (int)_bytes.Length));
            if (file.Length < _rewriteAt)
                return;
            _bytes.SetLength(0);
            all();
            file.Replace(_bytes.GetBuffer().AsSpan(0, (int)_bytes.Length));
            _rewriteAt = Math.Max(RewriteBytes, file.Length * 4);
        }
        finally
        {
            _bytes.SetLength(0);
        }
    }

    public void Delete() => file?.Delete();

    public void Dispose()
    {
        _bytes.Dispose();
        file?.Dispose();
    }

    private bool Begin(RecordKind kind, BrokerMessage message, bool isDead)
    {
        if (file is null)
            return false;
        Writer.Write((byte)kind);
        Writer.Write(isDead);
        Writer.Write(message.SequenceNumber);
        return true;
    }

    private void Lock(BrokerMessage message)
    {
        Writer.Write(message.DeliveryCount);
        Span<byte> token = stackalloc byte[16];
        message.LockToken.TryWriteBytes(token);
        Writer.Write(token);
        Writer.Write(message.LockedUntil.UtcTicks);
    }

    private void Changes(BrokerMessage message) => Bytes(ChangedProperties.Encode(message.Changes));

    private void Bytes(byte[] bytes)
    {
        Writer.Write(bytes.Length);
        Writer.Write(bytes);
    }
}
