using System.Collections.Immutable;
using ServerlessLoki.Cli.Cores;
using ServerlessLoki.Cli.Demo;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Cli.Output;

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

    /// <summary>A run that is on the best path in the light phases, at once or after some seconds, and below it else.</summary>
    private static DemoRun Adaptive(Func<int, double, LoadReply?> except, double recovery = 2) =>
        Run("loki", (phase, second) => except(phase, second) ?? Good(phase is 1 or 2 || (phase == 3 && second < recovery) ? 0.7 : 0.9));

    private static DemoRun Ideal => Adaptive((_, _) => null);

    private static string[] Broken(DemoRun adaptive, double sustained = Sustained) =>
        [.. DemoPromises.Check(adaptive, HardwareOnly, sustained, CoreUse.Unknown).Where(p => !p.Held).Select(p => p.Text)];

    [Fact]
    public void Check_IdealRun_HoldsAll() => Assert.Empty(Broken(Ideal));

    [Fact]
    public void Check_LessAccurateLightPhase_IsBroken() => Assert.Equal(
        ["light phase: within 1 point of the best path"], Broken(Adaptive((phase, _) => phase == 0 ? Good(0.88) : null)));

    [Theory]
    [InlineData(0, "light phase: 99 % in time")]
    [InlineData(2, "heavy phase after 2 s: 99 % in time")]
    [InlineData(3, "light again after 5 s: 99 % in time")]
    public void Check_PhaseThatDropsItsLastFifth_IsBrokenHoweverAccurateTheRest(int phase, string promise)
    {
        var run = Adaptive((p, second) => p == phase && second > 0.8 * Phases[p].Duration.TotalSeconds ? new LoadReply(429) : null);

        Assert.Contains(promise, Broken(run));
    }

    [Fact]
    public void Check_SlowRecovery_IsBroken()
    {
        var run = Adaptive((_, _) => null, recovery: 5.6);

        Assert.Equal(
            ["light again after 5 s: within 1 point of the best path", "back on the best path within 5 s of load falling"], Broken(run));
        Assert.Equal(6, run.RecoverySeconds(DemoPhases.LightAgain, 1));
    }

    [Fact]
    public void RecoverySeconds_HalfSecondWithoutAnswers_IsNotBack()
    {
        var run = Adaptive((phase, second) => phase == 3 && second is >= 6 and < 6.5 ? new LoadReply(429) : null);

        Assert.Equal(6.5, run.RecoverySeconds(DemoPhases.LightAgain, 1));
    }

    [Fact]
    public void RecoverySeconds_FewAnswersAreOnTheBestPath_IsNotBack()
    {
        var query = 0;
        var run = Adaptive((phase, second) => phase == 3 && second is >= 6 and < 6.5 && query++ % 4 > 0 ? new LoadReply(504) : null);

        Assert.Equal(6.5, run.RecoverySeconds(DemoPhases.LightAgain, 1));
    }

    [Fact]
    public void RecoverySeconds_NoQueriesAfterLastBadHalfSecond_IsNeverBack()
    {
        var run = Adaptive((_, _) => null, recovery: 13);
        var before = run with { Records = [.. run.Records.Where(r => r.IntendedUs < (run.StartOf(3) + 13) * 1e6)] };

        Assert.Equal(13, run.RecoverySeconds(DemoPhases.LightAgain, 1));
        Assert.Null(before.RecoverySeconds(DemoPhases.LightAgain, 1));
    }

    [Fact]
    public void RecoverySeconds_HalfSecondWithoutQueries_SaysNothing()
    {
        var run = Ideal;
        var from = run.StartOf(3);
        var sparse = run with { Records = [.. run.Records.Where(r => r.IntendedUs / 1e6 - from is < 2 or >= 3)] };

        Assert.Equal(2, run.RecoverySeconds(DemoPhases.LightAgain, 1));
        Assert.Equal(3, sparse.RecoverySeconds(DemoPhases.LightAgain, 1));
    }

    [Fact]
    public void Check_RefusalsAtTheStartOfHeavy_CountAsUnservedOnly() => Assert.Equal(
        ["heavy phase: at most 1 % unserved"], Broken(Adaptive((phase, second) => phase == 2 && second < 0.5 ? new LoadReply(429) : null)));

    [Fact]
    public void Check_LateAnswers_BreakTheObjective() =>
        Assert.Contains("heavy phase after 2 s: 99 % in time", Broken(Ideal with { SloMs = 40 }));

    [Fact]
    public void Check_HardwareOnlyServedMoreThanCalibrated_CountsTheHigher() =>
        Assert.False(DemoPromises.Check(Ideal, Run("hardware-only", (_, _) => Good()), Sustained, CoreUse.Unknown)
            .Single(p => p.Text.StartsWith("heavy phase: at least 3", StringComparison.Ordinal)).Held);

    [Fact]
    public void Check_NoAnswers_HoldsTheLoadOnly() => Assert.Equal(
        ["heavy phase: at least 3 × what the best path sustains"],
        DemoPromises.Check(Run("loki", (_, _) => new LoadReply(503)), HardwareOnly, Sustained, CoreUse.Unknown).Where(p => p.Held).Select(p => p.Text));

    /// <summary>What others take of two processors, by seconds since the begin of the run.</summary>
    private static CoreUse Others(Func<double, double> share)
    {
        var (seconds, samples) = (0.0, new List<(double, CoreTimes)>());
        for (var at = 0.0; at <= 50; at += 0.5)
        {
            samples.Add((at, new CoreTimes(seconds, 2, 2)));
            seconds += 0.5 * 2 * share(at);
        }

        return new CoreUse([.. samples]);
    }

    /// <summary>Loses 5 % of the light phase and of the heavy one, and comes back late.</summary>
    private static DemoRun Poor(CoreUse others)
    {
        var query = 0;
        return Adaptive((phase, _) => phase is 0 or 2 && query++ % 20 == 0 ? new LoadReply(504) : null, recovery: 7.5) with { Cores = others };
    }

    [Fact]
    public void Check_OthersHadTheCoresInAPhase_ItsBrokenPromisesAreNotJudged()
    {
        // The light phase is from 0 to 10 s, heavy from 22 to 36 s, light again from 36 to 50 s.
        var run = Poor(Others(at => at is >= 37 and < 40 ? 0.4 : 0.02));

        var promises = DemoPromises.Check(run, HardwareOnly, Sustained, CoreUse.Unknown);

        Assert.Equal(
            ["light phase: 99 % in time", "heavy phase after 2 s: 99 % in time", "heavy phase: at most 1 % unserved"],
            promises.Where(p => p.Broken).Select(p => p.Text));
        var unjudged = promises.Where(p => p.NotJudged is not null).ToArray();
        Assert.Equal(
            ["light again after 5 s: within 1 point of the best path", "back on the best path within 5 s of load falling"], unjudged.Select(p => p.Text));
        Assert.All(unjudged, p => Assert.Equal((false, "other processes took 40 % of the cores", "?"), (p.Held, p.NotJudged, p.Mark)));
    }

    [Fact]
    public void Check_OthersHadTheCoresThroughout_HeldPromisesStayHeldAndTheRestIsNotJudged()
    {
        var promises = DemoPromises.Check(Poor(Others(_ => 0.5)), HardwareOnly, Sustained, CoreUse.Unknown);

        Assert.Equal((3, 5), (promises.Count(p => p.Held), promises.Count(p => p.NotJudged is not null)));
        Assert.Equal(ExitCodes.Ok, new DemoOutcome(Sustained, [], promises).ExitCode);
    }

    [Theory]
    [InlineData(0.14)]
    [InlineData(0.0)]
    public void Check_OthersTookLittle_AllIsJudged(double share)
    {
        var promises = DemoPromises.Check(Poor(Others(_ => share)), HardwareOnly, Sustained, CoreUse.Unknown);

        Assert.Equal(5, promises.Count(p => p.Broken));
        Assert.Equal(ExitCodes.Failed, new DemoOutcome(Sustained, [], promises).ExitCode);
    }

    [Fact]
    public void Check_CannotBeMeasured_AllIsJudged() => Assert.Equal(5, Broken(Poor(CoreUse.Unknown)).Length);

    [Fact]
    public void Check_OthersHadTheCoresJustBefore_StillShows()
    {
        var poor = Poor(Others(at => at is >= 32 and < 35 ? 0.6 : 0));

        Assert.Contains(
            DemoPromises.Check(poor, HardwareOnly, Sustained, CoreUse.Unknown),
            p => p is { NotJudged: not null } && p.Text.StartsWith("back on the best path", StringComparison.Ordinal));
    }

    [Fact]
    public void Check_OthersHadTheCoresWhileItWasCalibrated_TheLoadIsNotJudged()
    {
        var quick = Run("hardware-only", (_, _) => Good());

        Promise Load(CoreUse calibrating) => DemoPromises.Check(Ideal, quick, Sustained, calibrating)
            .Single(p => p.Text.StartsWith("heavy phase: at least 3", StringComparison.Ordinal));

        Assert.True(Load(Others(_ => 0.1)).Broken);
        Assert.NotNull(Load(Others(_ => 0.3)).NotJudged);
    }

    [Fact]
    public void Print_NotJudged_SaysWhyWithinEightyColumns()
    {
        var model = new DemoModel([("detect", ["detect-n", "detect-x"])]);
        var output = new StringWriter();
        var console = new CliConsole(output, new StringWriter(), json: false, Terminal.Plain with { Width = 80 });
        var run = Poor(Others(_ => 0.5));

        DemoTables.Print(console.Screen, [HardwareOnly with { Cores = Others(_ => 1) }, run], model, DemoPromises.Check(run, HardwareOnly, Sustained, CoreUse.Unknown));

        Assert.Contains("not judged: other processes took 50 % of the cores", output.ToString(), StringComparison.Ordinal);
        Assert.All(output.ToString().Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 80));
    }

    [Fact]
    public void Page_TwoRuns_HasTheirFiguresTheirPhasesAndThePromises()
    {
        var model = new DemoModel([("detect", ["detect-n", "detect-x"])]);

        var html = DemoPage.Render([HardwareOnly, Ideal], model, DemoPromises.Check(Ideal, HardwareOnly, Sustained, CoreUse.Unknown), "a < b");

        Assert.Contains("a &lt; b", html, StringComparison.Ordinal);
        // Demand, accuracy and latency, and the task's variants under each policy.
        Assert.Contains("id=\"figure-4\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"figure-5\"", html, StringComparison.Ordinal);
        Assert.Equal(8, html.Split("<tr><th scope=\"row\">").Length - 1);
        Assert.Contains("light phase: 99 % in time", html, StringComparison.Ordinal);
    }
}
