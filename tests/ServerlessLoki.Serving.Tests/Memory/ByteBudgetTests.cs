using System.IO.Pipelines;
using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Serving.Memory;

namespace ServerlessLoki.Serving.Tests.Memory;

public sealed class ByteBudgetTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Take_SingleRequest_IsTakenWhateverItsSize()
    {
        var budget = new ByteBudget(100, _clock);
        using (var share = budget.Take(50))
        {
            share.Resize(1000);
            Assert.Equal(1000, budget.Used);
            Assert.Equal(429, Assert.Throws<ApiFaultException>(() => budget.Take(1)).Status);
            Assert.Equal(1000, budget.Used);
        }

        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public async Task Take_ManyThreadsWithConnectionsKeysAndUploads_GivesAllBytesBack()
    {
        const int Threads = 4, Each = 5_000;
        var budget = new ByteBudget(1_000, _clock);
        var taken = 0;
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                try
                {
                    // More connections than are remembered.
                    using var share = budget.Take(10, $"{t}/{i}", $"{i % 3}");
                    share.BeginUpload(new Pipe().Reader);
                    _clock.Advance(TimeSpan.FromMilliseconds(600));
                    share.Resize(100);
                    share.EndUpload();
                    Interlocked.Increment(ref taken);
                }
                catch (ApiFaultException e)
                {
                    Assert.Equal(429, e.Status);
                }
            }
        })));
        Assert.InRange(taken, 1, Threads * Each);
        Assert.Equal(0, budget.Used);
        for (var key = 0; key < 3; key++)
        {
            using var rest = budget.Take(10, "other", $"{key}");
            rest.Resize(250);
            Assert.Equal(250, budget.Used);
            // Somebody else's bytes would make it more than a quarter.
            using var more = budget.Take(0, null, $"{key}");
            Assert.Throws<ApiFaultException>(() => more.Resize(1));
        }
    }

    [Fact]
    public async Task Full_LargestAndSlowestUpload_EndsForTheNewcomer()
    {
        var budget = new ByteBudget(100, _clock);
        var (quick, slow, large) = (new Pipe(), new Pipe(), new Pipe());
        using var a = Upload(budget, 10, slow);
        _clock.Advance(TimeSpan.FromSeconds(2));
        using var b = Upload(budget, 60, large);
        _clock.Advance(TimeSpan.FromSeconds(2));
        using var c = Upload(budget, 25, quick);
        _clock.Advance(TimeSpan.FromSeconds(1));
        var reading = large.Reader.ReadAsync(TestContext.Current.CancellationToken);

        // 10 bytes for 5 s, 60 for 3 s, 25 for 1 s.
        using var newcomer = budget.Take(50);
        Assert.True((await reading).IsCanceled);
        Assert.Equal(429, b.Ended!.Status);
        Assert.Contains("60 bytes", b.Ended.Message, StringComparison.Ordinal);
        Assert.Equal((null, null), (a.Ended, c.Ended));
        Assert.Equal(85, budget.Used);
        Assert.Equal(429, Assert.Throws<ApiFaultException>(() => b.Resize(61)).Status);
        b.Dispose();
        Assert.Equal(85, budget.Used);
    }

    [Fact]
    public void Full_GrowingUploadIsTheSlowest_EndsItself()
    {
        var budget = new ByteBudget(100, _clock);
        using var slow = Upload(budget, 60, new Pipe());
        _clock.Advance(TimeSpan.FromSeconds(3));
        using var quick = Upload(budget, 30, new Pipe());
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Throws<ApiFaultException>(() => slow.Resize(80));
        Assert.NotNull(slow.Ended);
        Assert.Null(quick.Ended);
        Assert.Equal(30, budget.Used);
    }

    [Fact]
    public void Full_OnlyYoungUploadsOrCompleteBodies_RefusesTheNewcomer()
    {
        var budget = new ByteBudget(100, _clock);
        using var complete = budget.Take(60);
        _clock.Advance(TimeSpan.FromMinutes(1));
        using var young = Upload(budget, 30, new Pipe());
        Assert.Throws<ApiFaultException>(() => budget.Take(20));
        Assert.Equal((90, null, null), (budget.Used, complete.Ended, young.Ended));
        young.EndUpload();
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Throws<ApiFaultException>(() => budget.Take(20));
    }

    [Theory]
    [InlineData("c", null)]
    [InlineData(null, "k")]
    public void Caller_HoldsAQuarter_OthersAreServedOn(string? connection, string? key)
    {
        var budget = new ByteBudget(100, _clock);
        using var first = budget.Take(20, connection, key);
        var refused = Assert.Throws<ApiFaultException>(() => budget.Take(10, connection, key));
        Assert.Contains(connection is null ? "this key" : "this connection", refused.Message, StringComparison.Ordinal);
        using var small = budget.Take(5, connection, key);
        using var other = budget.Take(20, connection is null ? null : "other", key is null ? null : "other");
        Assert.Equal(45, budget.Used);
    }

    [Fact]
    public async Task Caller_QuarterIsHeldBySlowUploads_TheyEndForItsNextRequest()
    {
        var budget = new ByteBudget(100, _clock);
        var pipe = new Pipe();
        using var slow = budget.Take(20, key: "k");
        slow.BeginUpload(pipe.Reader);
        var reading = pipe.Reader.ReadAsync(TestContext.Current.CancellationToken);
        using var foreign = Upload(budget, 20, new Pipe());
        _clock.Advance(TimeSpan.FromSeconds(2));

        using var next = budget.Take(10, key: "k");

        Assert.True((await reading).IsCanceled);
        Assert.Equal((429, null, 30), (slow.Ended!.Status, foreign.Ended, budget.Used));
    }

    [Fact]
    public void Caller_SingleRequest_MayBeLargerThanAQuarter()
    {
        var budget = new ByteBudget(100, _clock);
        using (var alone = budget.Take(80, "c"))
            Assert.Equal(80, budget.Used);
        using var next = budget.Take(80, "c");
        Assert.Equal(80, budget.Used);
    }

    private static ByteBudget.Share Upload(ByteBudget budget, long bytes, Pipe pipe)
    {
        var share = budget.Take(bytes);
        share.BeginUpload(pipe.Reader);
        return share;
    }
}
