using ServerlessLoki.Cli.Cores;

namespace ServerlessLoki.Cli.Tests.Cores;

public sealed class ProcStatTests
{
    private const string TwoProcessors = """
        cpu  217839 40 27556 278013 509 7 410 233 55 0
        cpu0 106101 20 12835 142846 143 3 133 122 30 0
        cpu1 111738 20 14720 135166 366 4 276 111 25 0
        intr 3141913 0 0 0
        ctxt 8251331
        cpufreq 1
        """;

    [Fact]
    public void Parse_TwoProcessors_TakesProgramsAndStolenTimeOfAll() =>
        Assert.Equal(new ProcStat(217839 + 40 + 27556 + 233, 2), ProcStat.Parse(TwoProcessors));

    [Fact]
    public void Parse_KernelBeforeStolenTime_TakesWhatThereIs() =>
        Assert.Equal(new ProcStat(60, 1), ProcStat.Parse("cpu 10 20 30 40\ncpu0 10 20 30 40\n"));

    [Theory]
    [InlineData("")]
    [InlineData("cpu")]
    [InlineData("cpu 1 2\ncpu0 1 2")]
    [InlineData("cpu a b c d\ncpu0 1 2 3 4")]
    [InlineData("cpu 1 -2 3 4\ncpu0 1 2 3 4")]
    [InlineData("cpu 1 2 3 4")]
    [InlineData("cpu0 1 2 3 4")]
    [InlineData("cpu 0 0 0 0 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0 0 0")]
    public void Parse_NotAsExpected_IsNull(string text) => Assert.Null(ProcStat.Parse(text));

    [Fact]
    public void Read_NoSuchFile_CannotBeMeasured() => Assert.Null(new MachineCores("/nowhere/stat").Read());

    [Fact]
    public void Read_ThisMachine_ListsWhatThisProcessMayUse()
    {
        if (new MachineCores().Read() is not { } times)
        {
            Assert.Skip("What others take cannot be measured here.");
            return;
        }

        Assert.InRange(times.Cores, 1, times.Processors);
    }
}
