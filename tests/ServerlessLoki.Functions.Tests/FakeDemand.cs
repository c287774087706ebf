using System.Collections.Concurrent;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Distributed.Runs;

namespace ServerlessLoki.Functions.Tests;

/// <summary>Keeps what runs said of their demand.</summary>
internal sealed class FakeDemand : IRunDemand
{
    private int _waiting;

    /// <summary>How often a run said that it waits.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public ConcurrentQueue<StageReply> Replies { get; } = new();

    public void Waits(string pipeline) => Interlocked.Increment(ref _waiting);

    public void Answered(StageReply reply) => Replies.Enqueue(reply);
}
