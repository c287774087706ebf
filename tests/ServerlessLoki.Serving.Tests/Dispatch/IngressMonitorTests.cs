using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Serving.Tests.Dispatch;

public sealed class IngressMonitorTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ServingClock _clock;
    private readonly IngressMonitor _monitor;

    public IngressMonitorTests()
    {
        _clock = new ServingClock(_time);
        _monitor = new IngressMonitor([TestPipelines.Traffic, TestPipelines.Plain], _clock);
    }

    [Fact]
    public async Task Arrived_ManyThreadsWhileAReaderCopies_LosesNone()
    {
        const int Threads = 4, Each = 50_000;
        _monitor.Keep(TimeSpan.FromMinutes(1));
        using var done = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            var (reads, last) = (0, 0);
            while (!done.IsCancellationRequested || reads == 0)
            {
                var window = _monitor.Recent()!;
                Assert.True(window.Arrivals.Length >= last, "arrivals went");
                (reads, last) = (reads + 1, window.Arrivals.Length);
            }
        });
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
                _monitor.Arrived(new Arrival(_clock.NowUs, t % 2, LatencyUs: (t * Each) + i));
        })));
        await done.CancelAsync();
        await reader;

        var arrivals = _monitor.Recent()!.Arrivals;
        Assert.Equal(Enumerable.Range(0, Threads * Each), arrivals.Select(a => (int)a.LatencyUs!.Value).Order());
        Assert.Equal(Threads / 2 * Each, arrivals.Count(a => a.Pipeline == 1));
    }

    [Fact]
    public void Recent_AfterAWhile_HoldsTheSpanOnlyAndInOrder()
    {
        _monitor.Arrived(new Arrival(0));
        Assert.Null(_monitor.Recent());
        _monitor.Keep(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 50; i++)
        {
            _monitor.Arrived(new Arrival(_clock.NowUs));
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        var window = _monitor.Recent()!;
        Assert.Equal((_clock.NowUs - 2_000_000, _clock.NowUs), (window.FromUs, window.NowUs));
        Assert.Equal(Enumerable.Range(30, 20).Select(i => i * 100_000L), window.Arrivals.Select(a => a.AtUs));
    }

    [Fact]
    public void Believe_ThinsOutWhatCameSinceTheLastCall()
    {
        _monitor.Keep(TimeSpan.FromMinutes(1));
        var counts = (DemandCount[])[new(), new()];
        Arrive(10);
        Believe(arrivals: 10, refused: 0);
        Assert.Equal(10, _monitor.Recent()!.Arrivals.Length);
        Arrive(1000);
        Assert.Equal(1010, _monitor.Recent()!.Arrivals.Length);

        // Ten were taken, and three times as many of those refused are believed.
        Believe(arrivals: 1010, refused: 990);
        Assert.Equal(50, _monitor.Recent()!.Arrivals.Length);

        void Arrive(int count)
        {
            for (var i = 0; i < count; i++)
                _monitor.Arrived(new Arrival(_clock.NowUs));
        }

        void Believe(long arrivals, long refused)
        {
            counts[0].Take(_clock.NowUs, arrivals, refused);
            counts[1].Take(_clock.NowUs, 0, 0);
            _monitor.Believe([.. counts]);
        }
    }

    [Fact]
    public void FoldFanOut_CountsVary_MeasuresMeanAndVariance()
    {
        for (var i = 0; i < 100; i++)
            _monitor.FannedOut(pipeline: 0, edge: 0, parentVariant: 0, children: i % 2 == 0 ? 1 : 7);

        var fanOut = _monitor.FoldFanOut(0);

        Assert.Equal(4, fanOut[0, 0], 1e-9);
        Assert.Equal(9, fanOut.Variance(0, 0)!.Value, 1e-9);
    }

    [Fact]
    public void TakeFanOut_CountsVary_HandsOnTheSquaresOnce()
    {
        _monitor.FannedOut(pipeline: 0, edge: 1, parentVariant: 0, children: 3);
        _monitor.FannedOut(pipeline: 0, edge: 1, parentVariant: 0, children: 4);

        var (parents, children, squares) = _monitor.TakeFanOut(0);

        Assert.Equal((2, 7, 25), (parents[1][0], children[1][0], squares[1][0]));
        Assert.Equal(0, _monitor.TakeFanOut(0).Squares[1][0]);
    }

    [Fact]
    public void Arrived_NobodyReadsForLong_KeepsNoMoreThanTwiceTheSpan()
    {
        _monitor.Keep(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 100_000; i++)
        {
            _monitor.Arrived(new Arrival(_clock.NowUs));
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(_monitor.Unread, 1, 2048);
        Assert.Equal(1000, _monitor.Recent()!.Arrivals.Length);
    }
}
