using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;
using ServerlessLoki.TestUtils.Contracts;
using static ServerlessLoki.TestUtils.Contracts.StoredRuns;

namespace ServerlessLoki.Nats.Tests.Storage;

public sealed class NatsSamplesTests(NatsFixture nats) : SampleContract
{
    private StoreUnderTest _it = null!;

    protected override async ValueTask<IStoreUnderTest> OpenAsync() => _it = await StoreUnderTest.CreateAsync(nats);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _it.DisposeAsync();
    }

    [Fact]
    public async Task Samples_OfOtherProcesses_AreSeenAtOnce()
    {
        var another = _it.Another();
        for (var second = 0; second < 5; second++)
        {
            await another.AddSampleAsync("demand", "b", Noon.AddSeconds(second), $"{second}", Token);
            Assert.Equal($"{second}", (await _it.Store.SamplesAsync("demand", Noon, Token))[^1].Json);
            // Only the last two are asked for, and then all again.
            Assert.Equal(Math.Min(2, second + 1), (await _it.Store.SamplesAsync("demand", Noon.AddSeconds(second - 1), Token)).Count);
            Assert.Equal(second + 1, (await _it.Store.SamplesAsync("demand", Noon, Token)).Count);
        }
    }

    [Fact]
    public async Task Prune_WhatOthersWrote_LeavesNothingOnTheServer()
    {
        var another = _it.Another();
        for (var second = 0; second < 10; second++)
            await another.AddSampleAsync("workers", $"w{second % 3}", Noon.AddSeconds(second), "{}", Token);
        Assert.Equal(2, (await _it.Store.SamplesAsync("workers", Noon.AddSeconds(8), Token)).Count);
        await _it.Store.PruneSamplesAsync("workers", Noon.AddSeconds(7), Token);
        Assert.Equal(3, await _it.BucketAsync("samples"));
        // One that comes late goes with the next.
        await another.AddSampleAsync("workers", "late", Noon, "{}", Token);
        await _it.Store.PruneSamplesAsync("workers", Noon.AddSeconds(7), Token);
        Assert.Equal(3, await _it.BucketAsync("samples"));
    }

    [Fact]
    public async Task Add_TooLong_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _it.Store.AddSampleAsync("demand", "a", Noon, new string('x', 200_001), Token));
}
