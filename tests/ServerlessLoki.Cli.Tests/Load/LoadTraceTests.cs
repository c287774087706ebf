using ServerlessLoki.Cli.Load;
using ServerlessLoki.Cli.Output;

namespace ServerlessLoki.Cli.Tests.Load;

public sealed class LoadTraceTests
{
    [Fact]
    public void Parse_AllForms_GivesPhases()
    {
        var phases = LoadTrace.Parse("t", ["seconds,qps,name", "# comment", "10,5,light", "2.5,5,20,ramp", "", "3,7"]);

        Assert.Equal(
            [
                new LoadPhase("light", 5, 5, TimeSpan.FromSeconds(10)),
                new LoadPhase("ramp", 5, 20, TimeSpan.FromSeconds(2.5)),
                new LoadPhase("3", 7, 7, TimeSpan.FromSeconds(3)),
            ],
            phases);
    }

    [Fact]
    public void Parse_OneNumberPerLine_MergesEqualSeconds()
    {
        var phases = LoadTrace.Parse("t", ["4", "4", "4", "9"]);

        Assert.Equal([TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1)], phases.Select(p => p.Duration));
        Assert.Equal([4, 9], phases.Select(p => p.FromQps));
    }

    [Fact]
    public void Parse_BadLines_ListsEveryOne()
    {
        var thrown = Assert.Throws<BadInputException>(() => LoadTrace.Parse("t.csv", ["0,5", "5,-1", "5,nan", "1,2,3,x,y", "5,5"]));

        Assert.Equal(
            "t.csv line 1; t.csv line 2; t.csv line 3; t.csv line 4", string.Join("; ", thrown.Faults.Select(f => f[..12])));
    }

    [Fact]
    public void Parse_Empty_IsRefused() => Assert.Throws<BadInputException>(() => LoadTrace.Parse("t", ["# nothing"]));

    [Fact]
    public void Cut_InsideARamp_KeepsItsSlope()
    {
        var cut = LoadTrace.Cut([new LoadPhase("a", 0, 10, TimeSpan.FromSeconds(10)), new LoadPhase("b", 1, 1, TimeSpan.FromSeconds(1))], TimeSpan.FromSeconds(4));

        Assert.Equal([new LoadPhase("a", 0, 4, TimeSpan.FromSeconds(4))], cut);
    }
}
