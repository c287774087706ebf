using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Cli.Cores;
using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Cli.Demo;

/// <summary>Checks of the product's promises on the measured runs.</summary>
internal static class DemoPromises
{
    /// <summary>Largest distance of answers below the best path that still counts as on it, percentage points.</summary>
    public const double Points = 1;

    /// <summary>Share of the queries that must be answered in time. The accuracy of answers says little where few are given.</summary>
    public const double InTime = 0.99;

    /// <summary>Longest time in which the system must be back on the best path after the load fell, seconds.</summary>
    public const double RecoverySeconds = 5;

    /// <summary>Time at the begin of the heavy phase that is not judged, seconds.</summary>
    public const double SettleSeconds = 2;

    /// <summary>Share of the cores, 0..1, beyond which a promise that was not held is not judged: other processes used more than this for
    /// two seconds.</summary>
    public const double OthersLimit = 0.15;

    /// <summary>Time before a promise's interval in which the use of the cores by other processes still counts, seconds: queues and
    /// head-room recover that slowly.</summary>
    public const double LeadSeconds = 5;

    /// <summary>Checks all promises.</summary>
    /// <param name="adaptive">Run under the shown policy.</param>
    /// <param name="hardwareOnly">Run under <c>hardware-only</c>.</param>
    /// <param name="calibratedQps">Throughput of the most accurate path at saturation, queries per second.</param>
    /// <param name="calibrating">Use of the cores by other processes during the calibration.</param>
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

    /// <summary>Computes the largest share of the cores that others used for two seconds in a phase or shortly before.</summary>
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
