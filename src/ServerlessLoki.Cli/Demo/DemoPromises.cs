using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Cli.Cores;
using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Cli.Demo;

/// <summary>Checks what the product promises on the measured runs.</summary>
internal static class DemoPromises
{
    /// <summary>Answers may lie this many points below the best path and still count as on it.</summary>
    public const double Points = 1;

    /// <summary>Share of the queries that must be answered in time. The accuracy of answers says little where few are given.</summary>
    public const double InTime = 0.99;

    /// <summary>Seconds that the system has to be back on the best path after load fell.</summary>
    public const double RecoverySeconds = 5;

    /// <summary>Seconds of the heavy phase that are not held against it.</summary>
    public const double SettleSeconds = 2;

    /// <summary>Share of the cores: where other processes took more of it for two seconds, a promise that was not held is not judged.</summary>
    public const double OthersLimit = 0.15;

    /// <summary>What others took so long before a promise's time still shows in it: queues empty, and head-room is given back, that slowly.</summary>
    public const double LeadSeconds = 5;

    /// <summary>All promises.</summary>
    /// <param name="adaptive">The run under the policy that is shown.</param>
    /// <param name="hardwareOnly">The run under <c>hardware-only</c>.</param>
    /// <param name="calibratedQps">What the most accurate path sustained when it was saturated, queries per second.</param>
    /// <param name="calibrating">What other processes took of the cores meanwhile.</param>
    public static ImmutableArray<Promise> Check(DemoRun adaptive, DemoRun hardwareOnly, double calibratedQps, CoreUse calibrating)
    {
        // The strictest yardstick: the best that the most accurate path showed anywhere in this command.
        var sustained = Math.Max(calibratedQps, hardwareOnly.PeakGoodputQps);
        var heavy = adaptive.Report(DemoPhases.Heavy);
        var recovery = adaptive.RecoverySeconds(DemoPhases.LightAgain, Points);
        var light = adaptive.Of(DemoPhases.Light);
        var lightAgain = adaptive.Of(DemoPhases.LightAgain, RecoverySeconds);
        var again = $"light again after {RecoverySeconds:0} s";
        return
        [
            Judged(Accuracy("light phase", adaptive, light), During(adaptive, DemoPhases.Light)),
            Judged(Answered("light phase", adaptive, light), During(adaptive, DemoPhases.Light)),
            Judged(Accuracy(again, adaptive, lightAgain), During(adaptive, DemoPhases.LightAgain)),
            Judged(Answered(again, adaptive, lightAgain), During(adaptive, DemoPhases.LightAgain)),
            Judged(
                new Promise(
                    "heavy phase: at least 3 × what the best path sustains", heavy.OfferedQps >= 3 * sustained,
                    Format($"{heavy.OfferedQps / sustained:F2} × {sustained:F1} q/s")),
                Larger(calibrating.Worst(0, double.MaxValue), hardwareOnly.Cores.Worst(0, double.MaxValue))),
            Judged(
                Answered($"heavy phase after {SettleSeconds:0} s", adaptive, adaptive.Of(DemoPhases.Heavy, SettleSeconds)),
                During(adaptive, DemoPhases.Heavy)),
            Judged(
                new Promise(
                    "heavy phase: at most 1 % unserved", heavy.Offered > 0 && heavy.UnservedShare <= 0.01,
                    Format($"{100 * heavy.UnservedShare:F2} %")),
                During(adaptive, DemoPhases.Heavy)),
            Judged(
                new Promise(
                    $"back on the best path within {RecoverySeconds:0} s of load falling", recovery <= RecoverySeconds,
                    recovery is { } s ? Format($"{s:F1} s") : "never"),
                During(adaptive, DemoPhases.LightAgain)),
        ];
    }

    /// <summary>Largest share that others took for two seconds in a phase or shortly before.</summary>
    private static double? During(DemoRun run, int phase)
    {
        var start = run.StartOf(phase);
        return run.Cores.Worst(Math.Max(0, start - LeadSeconds), start + run.Phases[phase].Duration.TotalSeconds);
    }

    private static double? Larger(double? one, double? other) => one > other || other is null ? one : other;

    private static Promise Judged(Promise promise, double? others) => promise.Held || !(others > OthersLimit)
        ? promise
        : promise with { NotJudged = Format($"other processes took {100 * others:F0} % of the cores") };

    private static Promise Accuracy(string where, DemoRun run, IReadOnlyList<LoadRecord> records)
    {
        var below = run.PointsBelowBest(records);
        return new Promise(
            $"{where}: within {Points:0} point of the best path", below <= Points,
            below is { } points ? Format($"{points:F2} points below") : "no answers");
    }

    private static Promise Answered(string where, DemoRun run, IReadOnlyList<LoadRecord> records)
    {
        var report = LoadReports.Of(where, 1, records, run.SloMs);
        return new Promise(
            $"{where}: {100 * InTime:0} % in time", report.Offered > 0 && report.SloAttainment >= InTime,
            report.Offered > 0 ? Format($"{100 * report.SloAttainment:F2} %") : "no queries");
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
