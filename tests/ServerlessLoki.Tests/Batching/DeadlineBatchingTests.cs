using FsCheck;
using FsCheck.Fluent;
using ServerlessLoki.Batching;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Tests.Batching;

public sealed class DeadlineBatchingTests
{
    // 10 ms + 10 ms per row.
    private static readonly BatchLatency Latency = new([1, 2, 4, 8], [20_000, 30_000, 50_000, 90_000]);

    [Fact]
    public void Decide_EmptyQueue_WaitsForAnArrival() =>
        Assert.Equal(BatchDecision.Wait(long.MaxValue), DeadlineBatching.Decide(0, 0, 0, 4, Latency));

    [Fact]
    public void Decide_FullBatchInTime_RunsAtOnce() =>
        Assert.Equal(BatchDecision.Run(4), DeadlineBatching.Decide(7, 1_000_000, 0, 4, Latency));

    [Fact]
    public void Decide_PartialBatchWithTime_WaitsUntilTheLatestStart() =>
        Assert.Equal(BatchDecision.Wait(70_000), DeadlineBatching.Decide(2, 100_000, 0, 4, Latency));

    [Fact]
    public void Decide_PartialBatchAtItsLatestStart_Runs() =>
        Assert.Equal(BatchDecision.Run(2), DeadlineBatching.Decide(2, 100_000, 70_000, 4, Latency));

    [Fact]
    public void Decide_OneTooManyForTheHead_RunsWithoutIt() =>
        Assert.Equal(BatchDecision.Run(2), DeadlineBatching.Decide(3, 100_000, 65_000, 8, Latency));

    [Fact]
    public void Decide_FullBatchTooSlowForTheHead_RunsTheLargestThatSavesIt() =>
        Assert.Equal(BatchDecision.Run(3), DeadlineBatching.Decide(20, 40_000, 0, 8, Latency));

    [Fact]
    public void Decide_HeadIsLost_RunsAllForThroughput() =>
        Assert.Equal(BatchDecision.Run(8), DeadlineBatching.Decide(20, 10_000, 0, 8, Latency));

    [Fact]
    public void Decide_AnySituation_NeverViolatesADeadlineThatWasFeasible()
    {
        var situations =
            from queued in Gen.Choose(1, 20)
            from slackUs in Gen.Choose(-10_000, 200_000)
            from nowUs in Gen.Choose(0, 1_000_000)
            from maxBatch in Gen.Choose(1, 8)
            select (queued, slackUs, nowUs, maxBatch);
        Prop.ForAll(situations.ToArbitrary(), s =>
        {
            long latest = s.nowUs + s.slackUs;
            var decision = DeadlineBatching.Decide(s.queued, latest, s.nowUs, s.maxBatch, Latency);
            var feasible = Latency.LatencyUs(1) <= s.slackUs;
            var size = Math.Min(s.queued, s.maxBatch);
            return decision.Action == BatchAction.Run
                ? decision.Size >= 1 && decision.Size <= size && (!feasible || s.nowUs + Latency.LatencyUs(decision.Size) <= latest)
                : feasible && s.queued < s.maxBatch && decision.WakeAtUs > s.nowUs && decision.WakeAtUs + Latency.LatencyUs(size) <= latest;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Decide_ArrivalsOverTimeAtOneSlot_HeadsOfAnIdleSlotAreAlwaysInTime()
    {
        // Whatever arrives while the slot is idle, the query that is head when a batch starts ends in time.
        var gaps = Gen.Choose(0, 60_000).ListOf(40).ToArbitrary();
        Prop.ForAll(gaps, list =>
        {
            const long SloUs = 120_000;
            var arrivals = list.Select(g => (long)g).Aggregate(new List<long>(), (all, g) => [.. all, (all.Count == 0 ? 0 : all[^1]) + g]);
            var (queue, next, now) = (new Queue<long>(), 0, 0L);
            while (next < arrivals.Count || queue.Count > 0)
            {
                while (next < arrivals.Count && arrivals[next] <= now)
                    queue.Enqueue(arrivals[next++]);
                while (queue.Count > 0 && EarlyDrop.IsHopeless(queue.Peek() + SloUs, now, Latency.LatencyUs(1), 0))
                    queue.Dequeue();
                var decision = DeadlineBatching.Decide(queue.Count, queue.Count == 0 ? 0 : queue.Peek() + SloUs, now, 4, Latency);
                if (decision.Action == BatchAction.Wait)
                {
                    now = Math.Min(decision.WakeAtUs, next < arrivals.Count ? arrivals[next] : long.MaxValue);
                    if (now == long.MaxValue)
                        break;
                    continue;
                }

                var head = queue.Peek();
                for (var i = 0; i < decision.Size; i++)
                    queue.Dequeue();
                now += (long)Latency.LatencyUs(decision.Size);
                if (now > head + SloUs)
                    return false;
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }
}
