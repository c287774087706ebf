using ServerlessLoki.Batching.Residency;

namespace ServerlessLoki.Tests.Batching.Residency;

public sealed class ResidentBatchTests
{
    private static readonly ResidentChoice Both = new(ResidentRule.SlackFit, Pairs.Both, 4);

    /// <summary>The small variant alone, accuracy 0.7.</summary>
    private static readonly ResidentChoice Small = new(ResidentRule.SlackFit, [.. Pairs.Both.Where(p => p.Variant == 0)], 4);

    [Theory]
    [InlineData(1000, 20, "v1 b8", 8)]
    [InlineData(1000, 3, "v1 b8", 3)]
    [InlineData(30, 20, "v0 b8", 8)]
    public void Decide_NobodyAsks_WhatTheSlackAllowsAndWhatWaits(double slackUs, int waiting, string pair, int rows)
    {
        var batch = ResidentBatch.Decide(Both, new Rows(waiting), slackUs);

        Assert.Equal((pair, rows), (batch.Pair.Text(), batch.Rows));
    }

    [Fact]
    public void Decide_ARowOfTheBatchAsks_TheBatchRunsWhatItAsks()
    {
        // Slack 30: v0 b8 but for the second row; the large variant takes one row in that time.
        var batch = ResidentBatch.Decide(Both, new Rows(3, 0, 0.9, 0), 30);

        Assert.Equal(("v1 b1", 1), (batch.Pair.Text(), batch.Rows));
    }

    [Theory]
    [InlineData(0.9, 0, 0, 0)]
    [InlineData(0, 0, 0.9, 2)]
    [InlineData(0.7, 0.7, 0.9, 2)]
    public void Decide_AnotherDeviceHasWhatARowAsks_TheRowIsLeftToIt(double first, double second, double third, int rows) =>
        Assert.Equal(rows, ResidentBatch.Decide(Small, new Rows(3, first, second, third) { BestElsewhere = 0.9 }, 1000).Rows);

    [Fact]
    public void Decide_NoDeviceHasWhatARowAsks_ItRunsAtOnce() =>
        Assert.Equal(1, ResidentBatch.Decide(Small, new Rows(3, 0.95, 0, 0) { BestElsewhere = 0.6 }, 1000).Rows);

    private readonly struct Rows(int count, params double[] needed) : IWaitingRows
    {
        public int Count => count;

        public bool AsksAccuracy => needed.Length > 0;

        public double BestElsewhere { get; init; }

        public double Needed(int row) => needed[row];
    }
}
