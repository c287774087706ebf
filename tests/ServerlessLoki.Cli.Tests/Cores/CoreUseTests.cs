using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Cli.Cores;

namespace ServerlessLoki.Cli.Tests.Cores;

public sealed class CoreUseTests
{
    /// <summary>Twenty seconds, a sample each half second; others take so many processors at a moment.</summary>
    private static CoreUse Use(Func<double, double> others, int processors = 4, int cores = 4)
    {
        var (seconds, samples) = (1000.0, new List<(double, CoreTimes)>());
        for (var at = 0.0; at <= 20; at += 0.5)
        {
            samples.Add((at, new CoreTimes(seconds, processors, cores)));
            seconds += 0.5 * others(at);
        }

        return new CoreUse([.. samples]);
    }

    [Theory]
    [InlineData(0, 20, 0.25)]
    [InlineData(0, 5, 0)]
    [InlineData(5, 10, 1)]
    [InlineData(4, 6, 0.5)]
    [InlineData(4.75, 5.25, 0.5)]
    [InlineData(-7, 100, 0.25)]
    public void Share_FourProcessorsTakenForFiveSeconds_IsTheMean(double from, double to, double expected) =>
        Assert.Equal(expected, Use(at => at is >= 5 and < 10 ? 4 : 0).Share(from, to)!.Value, 9);

    [Fact]
    public void Share_ProcessorsThatWeMayNotUse_AreInNobodysWay()
    {
        Assert.Equal(0, Use(_ => 2, processors: 4, cores: 2).Share(0, 20));
        Assert.Equal(0.5, Use(_ => 3, processors: 4, cores: 2).Share(0, 20)!.Value, 9);
    }

    /// <summary>The kernel's ticks are coarse: for a moment this process may seem to have had more than all together.</summary>
    [Fact]
    public void Share_LessThanNothing_IsNothing() => Assert.Equal(0, Use(_ => -0.1).Share(0, 20));

    [Fact]
    public void Worst_OneSecondOfFour_IsHalfOfItsTwoSeconds()
    {
        var use = Use(at => at is >= 7 and < 8 ? 4 : 0);

        Assert.Equal(0.5, use.Worst(0, 20)!.Value, 9);
        Assert.Equal(0, use.Worst(8, 20)!.Value, 9);
        Assert.Equal(0, use.Worst(0, 7)!.Value, 9);
        Assert.Equal(1, use.Worst(7, 8)!.Value, 9);
    }

    /// <summary>A window that is cut off by the end of the samples must not count as a full one.</summary>
    [Fact]
    public void Worst_LastInstant_DoesNotStandForTwoSeconds()
    {
        var use = Use(_ => 0);
        var (at, last) = use.Samples[^1];

        use = new CoreUse([.. use.Samples, (at + 0.001, last with { OthersSeconds = last.OthersSeconds + 0.02 })]);

        Assert.InRange(use.Worst(0, double.MaxValue)!.Value, 0, 0.01);
    }

    [Fact]
    public void Any_NotMeasured_IsNull()
    {
        Assert.Null(CoreUse.Unknown.Share(0, 1));
        Assert.Null(CoreUse.Unknown.Worst(0, 1));
        Assert.Null(Use(_ => 1).Share(21, 22));
        Assert.Null(Use(_ => 1).Worst(21, 22));
    }

    [Fact]
    public async Task Watch_OthersTakeAProcessor_SaysSo()
    {
        var (time, cores) = (new FakeTimeProvider(), new FakeCores(2));
        await using var watch = new CoreWatch(cores, time);
        for (var i = 0; i < 8; i++)
        {
            cores.OthersSeconds += 0.5;
            time.Advance(TimeSpan.FromSeconds(0.5));
        }

        Assert.Equal(0.5, watch.Use().Share(0, 4)!.Value, 9);
    }

    [Fact]
    public async Task Watch_NotMeasured_NotesNothing()
    {
        await using var watch = new CoreWatch(new FakeCores(null), new FakeTimeProvider());

        Assert.Empty(watch.Use().Samples);
    }
}
