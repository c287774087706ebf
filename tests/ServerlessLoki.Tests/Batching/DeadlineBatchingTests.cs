using FsCheck;
using FsCheck.Fluent;
using ServerlessLoki.Batching;
using ServerlessLoki.Profiles;
using ServerlessLoki.Routing;
using ServerlessLoki.Tests.Shared;

namespace ServerlessLoki.Tests.Batching;

public sealed class DeadlineBatchingTests
{
    // 10 ms + 10 ms per row.
    private static readonly BatchLatency Latency = new([1, 2, 4, 8], [20_000, 30_000, 50_000, 90_000]);

    private sealed record Situation(BatchLatency Latency, int Queued, long LatestUs, long NowUs, int MaxBatch);

    private static void ForAll(Func<Situation, bool> property)
    {
        var situations =
            from firstUs in Gen.Choose(50, 50_000)
            from growth in Gen.Choose(0, 40_000).ListOf(4)
            from queued in Gen.Choose(1, 40)
            from slackUs in Gen.Choose(-10_000, 300_000)
            from nowUs in Gen.Choose(0, 1_000_000)
            from maxBatch in Gen.Choose(1, 16)
            let ends = growth.Aggregate(new List<double> { firstUs }, (all, g) => [.. all, all[^1] + g])
            select new Situation(new BatchLatency([1, 2, 4, 8, 16], [.. ends]), queued, nowUs + slackUs, nowUs, maxBatch);
        Prop.ForAll(situations.ToArbitrary(), property).Check(Properties.Cases(2000));
    }

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
    public void Decide_AnySituation_NeverViolatesADeadlineThatWasFeasible() => ForAll(s =>
    {
        var decision = DeadlineBatching.Decide(s.Queued, s.LatestUs, s.NowUs, s.MaxBatch, s.Latency);
        var feasible = s.NowUs + s.Latency.LatencyUs(1) <= s.LatestUs;
        var most = Math.Min(s.Queued, s.MaxBatch);
        return decision.Action == BatchAction.Run
            ? decision.Size >= 1 && decision.Size <= most && (!feasible || s.NowUs + s.Latency.LatencyUs(decision.Size) <= s.LatestUs)
            : feasible && s.Queued < s.MaxBatch && decision.WakeAtUs > s.NowUs && decision.WakeAtUs + s.Latency.LatencyUs(most) <= s.LatestUs;
    });

    [Fact]
    public void Decide_AnySituation_NeverRunsFewerRowsThanTheHeadAllows() => ForAll(s =>
    {
        var decision = DeadlineBatching.Decide(s.Queued, s.LatestUs, s.NowUs, s.MaxBatch, s.Latency);
        return decision.Action == BatchAction.Wait
            || decision.Size == Math.Min(s.Queued, s.MaxBatch)
            || s.NowUs + s.Latency.LatencyUs(decision.Size + 1) > s.LatestUs;
    });

    [Fact]
    public void Decide_WokenWhenItSaid_RunsInTime() => ForAll(s =>
    {
        // Nothing came meanwhile: the head that could wait must not be lost by having waited.
        var decision = DeadlineBatching.Decide(s.Queued, s.LatestUs, s.NowUs, s.MaxBatch, s.Latency);
        if (decision.Action == BatchAction.Run)
            return true;
        var later = DeadlineBatching.Decide(s.Queued, s.LatestUs, decision.WakeAtUs, s.MaxBatch, s.Latency);
        return later.Action == BatchAction.Run && decision.WakeAtUs + s.Latency.LatencyUs(later.Size) <= s.LatestUs;
    });

    [Fact]
    public void LatestFinishUs_AnyStage_LeavesTheWayBelowItsTimeWhereThatWasFeasible()
    {
        var situations =
            from batchUs in Gen.Choose(100, 100_000)
            from belowUs in Gen.Choose(0, 100_000)
            from leastShare in Gen.Choose(0, 100)
            from nowUs in Gen.Choose(0, 1_000_000)
            from slackUs in Gen.Choose(-10_000, 500_000)
            select (Option: new RouteOption(0, 1, 100, 50, 4, batchUs, batchUs / 4.0, belowUs * leastShare / 100.0, belowUs, 1), nowUs, deadline: nowUs + slackUs);
        Prop.ForAll(situations.ToArbitrary(), s =>
        {
            var latest = StageBudgets.LatestFinishUs(s.Option, s.deadline, s.nowUs);
            var feasible = s.nowUs + s.Option.LatencyUs + s.Option.MinBelowUs + 2 <= s.deadline;
            return latest + s.Option.MinBelowUs <= s.deadline && (!feasible || latest >= s.nowUs + s.Option.LatencyUs);
        }).Check(Properties.Cases(1000));
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
        }).Check(Properties.Cases());
    }
}
