using System.Collections.Immutable;
using ServerlessLoki.Cli.Demo;
using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Cli.Tests.Demo;

public sealed class DemoPromisesTests
{
    private const double Sustained = 20;
    private static readonly ImmutableArray<LoadPhase> Phases = DemoPhases.For(Sustained, quick: false);

    /// <summary>A run in which each query's fate is decided by its phase and the time since the phase began.</summary>
    private static DemoRun Run(string policy, Func<int, double, LoadReply> fate, double latencyMs = 50)
    {
        var run = new DemoRun(policy, Phases, [], [0.9], 400);
        var records = ArrivalSchedule.Build(Phases, ArrivalKind.Constant, 1).Select(a => new LoadRecord(
            a.AtUs, a.AtUs, a.AtUs + (long)(latencyMs * 1000), a.Phase, 0, fate(a.Phase, (a.AtUs / 1e6) - run.StartOf(a.Phase))));
        return run with { Records = [.. records] };
    }

    private static LoadReply Good(double accuracy = 0.9) => new(200, accuracy);

    private static DemoRun HardwareOnly { get; } = Run("hardware-only", (phase, _) => phase is 1 or 2 ? new LoadReply(429) : Good());

    private static bool[] Held(DemoRun adaptive, double sustained = Sustained) =>
        [.. DemoPromises.Check(adaptive, HardwareOnly, sustained).Select(p => p.Held)];

    private static DemoRun Ideal => Run("loki", (phase, second) => Good(phase is 1 or 2 || (phase == 3 && second < 2) ? 0.7 : 0.9));

    [Fact]
    public void Check_IdealRun_HoldsAll() => Assert.All(Held(Ideal), Assert.True);

    [Fact]
    public void Check_LessAccurateLightPhase_BreaksTheFirst() =>
        Assert.Equal([false, true, true, true, true, true], Held(Run("loki", (phase, _) => Good(phase == 0 ? 0.88 : phase is 1 or 2 ? 0.7 : 0.9))));

    [Fact]
    public void Check_SlowRecovery_BreaksTheLast()
    {
        var run = Run("loki", (phase, second) => Good(phase is 1 or 2 || (phase == 3 && second < 5.6) ? 0.7 : 0.9));

        Assert.Equal([true, false, true, true, true, false], Held(run));
        Assert.Equal(6, run.RecoverySeconds(DemoPhases.LightAgain, 1));
    }

    [Fact]
    public void Check_RefusalsAtTheStartOfHeavy_CountAsUnservedOnly()
    {
        var run = Run("loki", (phase, second) => phase == 2 && second < 0.5 ? new LoadReply(429) : Good(phase is 1 or 2 ? 0.7 : 0.9));

        Assert.Equal([true, true, true, true, false, true], Held(run));
    }

    [Fact]
    public void Check_LateAnswers_BreakTheObjective() =>
        Assert.False(Held(Ideal with { SloMs = 40 })[3]);

    [Fact]
    public void Check_HardwareOnlyServedMoreThanCalibrated_CountsTheHigher() =>
        Assert.False(DemoPromises.Check(Ideal, Run("hardware-only", (_, _) => Good()), Sustained)[2].Held);

    [Fact]
    public void Check_NoAnswers_HoldsNothingAboutThem()
    {
        var held = Held(Run("loki", (_, _) => new LoadReply(503)));

        Assert.Equal([false, false, true, false, false, false], held);
    }

    [Fact]
    public void Page_AnyRun_HasWellFormedCharts()
    {
        var model = new DemoModel([("detect", ["detect-n", "detect-x"])]);

        var html = DemoPage.Render([HardwareOnly, Ideal], model, DemoPromises.Check(Ideal, HardwareOnly, Sustained), "a < b");

        Assert.Contains("a &lt; b", html, StringComparison.Ordinal);
        var charts = System.Text.RegularExpressions.Regex.Matches(html, "<svg.*?</svg>", System.Text.RegularExpressions.RegexOptions.Singleline, TimeSpan.FromSeconds(5));
        Assert.Equal(3, charts.Count);
        Assert.All(charts, c => System.Xml.Linq.XElement.Parse(c.Value));
    }
}
