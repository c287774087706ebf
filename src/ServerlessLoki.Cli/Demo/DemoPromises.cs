using System.Collections.Immutable;
using System.Globalization;
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

    /// <summary>All promises.</summary>
    /// <param name="adaptive">The run under the policy that is shown.</param>
    /// <param name="hardwareOnly">The run under <c>hardware-only</c>.</param>
    /// <param name="calibratedQps">What the most accurate path sustained when it was saturated, queries per second.</param>
    public static ImmutableArray<Promise> Check(DemoRun adaptive, DemoRun hardwareOnly, double calibratedQps)
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
            Accuracy("light phase", adaptive, light),
            Answered("light phase", adaptive, light),
            Accuracy(again, adaptive, lightAgain),
            Answered(again, adaptive, lightAgain),
            new Promise(
                "heavy phase: at least 3 × what the best path sustains", heavy.OfferedQps >= 3 * sustained,
                Format($"{heavy.OfferedQps / sustained:F2} × {sustained:F1} q/s")),
            Answered($"heavy phase after {SettleSeconds:0} s", adaptive, adaptive.Of(DemoPhases.Heavy, SettleSeconds)),
            new Promise(
                "heavy phase: at most 1 % unserved", heavy.Offered > 0 && heavy.UnservedShare <= 0.01,
                Format($"{100 * heavy.UnservedShare:F2} %")),
            new Promise(
                $"back on the best path within {RecoverySeconds:0} s of load falling", recovery <= RecoverySeconds,
                recovery is { } s ? Format($"{s:F1} s") : "never"),
        ];
    }

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
