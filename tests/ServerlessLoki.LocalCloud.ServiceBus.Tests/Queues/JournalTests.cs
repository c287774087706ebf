using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.LocalCloud.ServiceBus.Journals;
using ServerlessLoki.LocalCloud.ServiceBus.Queues;

namespace ServerlessLoki.LocalCloud.ServiceBus.Tests.Queues;

public sealed class JournalTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_FrameCutOffAnywhere_DropsThatFrameOnly()
    {
        var path = Path.Combine(_folder.Path, "x");
        long first, whole;
        using (var journal = JournalFile.Create(path))
        {
            journal.Append([1, 2, 3]);
            first = journal.Length;
            journal.Append(new byte[20]);
            whole = journal.Length;
        }

        var bytes = File.ReadAllBytes(path);
        for (var length = first; length <= whole; length++)
        {
            File.WriteAllBytes(path, bytes[..(int)length]);
            var frames = new List<byte[]>();
            using var journal = JournalFile.Read(path, f => frames.Add(f.ToArray()));

            Assert.Equal(length == whole ? 2 : 1, frames.Count);
            Assert.Equal([1, 2, 3], frames[0]);
            Assert.Equal(length == whole ? 0 : length - first, journal.Dropped);
        }
    }

    [Fact]
    public void Read_ByteChanged_StopsThere()
    {
        var path = Path.Combine(_folder.Path, "x");
        using (var journal = JournalFile.Create(path))
        {
            journal.Append([1, 2, 3]);
            journal.Append([4, 5, 6]);
            journal.Append([7, 8, 9]);
        }

        var bytes = File.ReadAllBytes(path);
        bytes[^12]++;
        File.WriteAllBytes(path, bytes);
        var frames = new List<byte[]>();
        using (var journal = JournalFile.Read(path, f => frames.Add(f.ToArray())))
            journal.Append([10]);

        Assert.Single(frames);
        frames.Clear();
        JournalFile.Read(path, f => frames.Add(f.ToArray())).Dispose();
        Assert.Equal([[1, 2, 3], [10]], frames);
    }

    [Fact]
    public void Recover_TornLastRecord_KeepsTheRestAndSaysSo()
    {
        using (var broker = Broker())
        {
            broker.Create(new QueueSettings { Name = "q" });
            Send(broker, "a");
            Send(broker, "b");
        }

        var file = Assert.Single(Directory.GetFiles(_folder.Path, "*.journal"));
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^1]);

        using var again = new MessageBroker(_time, _folder.Path);
        Assert.Contains("dropped", Assert.Single(again.Recover()), StringComparison.Ordinal);
        Assert.Equal(["a"], Ids(again));
        Send(again, "c");
        again.Dispose();
        using var third = Broker();
        Assert.Equal(["a", "c"], Ids(third));
    }

    [Fact]
    public void Rewrite_JournalHasGrown_IsSmallAgainAndWhole()
    {
        using (var broker = Broker())
        {
            broker.Create(new QueueSettings { Name = "q", RequiresDuplicateDetection = true });
            Send(broker, "kept");
            Send(broker, "dead");
            var (_, letter) = Take(broker, 2);
            broker.Find("q")!.DeadLetter(letter.LockToken, new Dictionary<string, object?>(StringComparer.Ordinal) { ["x"] = 1 }, "why", null);
            for (var i = 0; i < 100; i++)
            {
                Send(broker, $"{i}", 100_000);
                Assert.Null(broker.Find("q")!.Complete(Take(broker, 1).Last.LockToken));
            }
        }

        Assert.InRange(new FileInfo(Assert.Single(Directory.GetFiles(_folder.Path, "*.journal"))).Length, 1, 5_000_000);
        using var again = Broker();
        Assert.Equal(["kept"], Ids(again));
        Assert.Equal(["dead"], Ids(again, "q/$deadletterqueue"));
        // Ids of messages completed long ago are still known.
        Send(again, "0");
        Assert.Equal(["kept"], Ids(again));
        _time.Advance(TimeSpan.FromMinutes(1));
        Send(again, "0");
        Assert.Equal(["kept", "0"], Ids(again));
    }

    [Fact]
    public void Recover_TimePassedMeanwhile_IsMadeUpFor()
    {
        using (var broker = Broker())
        {
            broker.Create(new QueueSettings { Name = "q", MaxDeliveryCount = 1 });
            Send(broker, "locked");
            Take(broker, 1);
            Send(broker, "expired", life: TimeSpan.FromMinutes(1));
            Send(broker, "scheduled", at: _time.GetUtcNow() + TimeSpan.FromMinutes(1));
        }

        _time.Advance(TimeSpan.FromMinutes(2));
        using var again = Broker();

        Assert.Equal(["scheduled"], Ids(again));
        Assert.Equal(["locked"], Ids(again, "q/$deadletterqueue"));
    }

    [Fact]
    public void Delete_Queue_LeavesNoFileAndNameCanBeUsedAgain()
    {
        using (var broker = Broker())
        {
            broker.Create(new QueueSettings { Name = "A/b" });
            Assert.Null(broker.Delete("a/B"));
            Assert.Empty(Directory.GetFiles(_folder.Path, "*.journal"));
            Assert.Null(broker.Create(new QueueSettings { Name = "a/b" }));
        }

        using var again = Broker();
        Assert.Equal(["a/b"], again.States().Select(static s => s.Settings.Name));
    }

    private static void Send(MessageBroker broker, string id, int bytes = 10, TimeSpan? life = null, DateTimeOffset? at = null) =>
        Assert.Null(broker.Find("q")!.Send([new BrokerMessage { Wire = new byte[bytes], MessageId = id, TimeToLive = life ?? TimeSpan.MaxValue, ScheduledTime = at }], out _));

    private static (int Count, BrokerMessage Last) Take(MessageBroker broker, int count)
    {
        var queue = broker.Find("q")!;
        var consumer = new BrokerConsumer(isDelete: false, static () => { }, static _ => { });
        queue.Attach(consumer);
        queue.SetCredit(consumer, count);
        var taken = new List<BrokerMessage>();
        while (queue.Take(consumer) is { } message)
            taken.Add(message);
        queue.Detach(consumer);
        return (taken.Count, taken[^1]);
    }

    private static IEnumerable<string?> Ids(MessageBroker broker, string entity = "q")
    {
        broker.Find(entity)!.Peek(100, 0, out var messages);
        return messages.Select(static m => m.MessageId);
    }

    private MessageBroker Broker()
    {
        var broker = new MessageBroker(_time, _folder.Path);
        Assert.Empty(broker.Recover());
        return broker;
    }
}
