using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Cli.Demo;

/// <summary>Checks what the product promises on the measured runs.</summary>
internal static class DemoPromises
{
    /// <summary>Answers may lie this many points below the best path and still count as on it.</summary>
    public const double Points = 1;

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
        var settled = LoadReports.Of("heavy", 1, adaptive.Of(DemoPhases.Heavy, SettleSeconds), adaptive.SloMs);
        var recovery = adaptive.RecoverySeconds(DemoPhases.LightAgain, Points);
        return
        [
            Accuracy("light phase", adaptive.PointsBelowBest(adaptive.Of(DemoPhases.Light))),
            Accuracy(
                $"light again from second {RecoverySeconds:0} on",
                adaptive.PointsBelowBest(adaptive.Of(DemoPhases.LightAgain, RecoverySeconds))),
            new Promise(
                "heavy phase: at least 3 × what the best path sustains", heavy.OfferedQps >= 3 * sustained,
                Format($"{heavy.OfferedQps:F1} q/s = {heavy.OfferedQps / sustained:F2} × {sustained:F1} q/s")),
            new Promise(
                $"heavy phase: 99 % in time from second {SettleSeconds:0} on",
                settled.Offered > 0 && settled.SloAttainment >= 0.99, Format($"{100 * settled.SloAttainment:F2} %")),
            new Promise(
                "heavy phase: at most 1 % unserved", heavy.Offered > 0 && heavy.UnservedShare <= 0.01,
                Format($"{100 * heavy.UnservedShare:F2} %")),
            new Promise(
                $"back on the best path within {RecoverySeconds:0} s of load falling", recovery <= RecoverySeconds,
                recovery is { } s ? Format($"{s:F1} s") : "no answers"),
        ];
    }

    private static Promise Accuracy(string where, double? below) => new(
        $"{where}: within {Points:0} point of the best path", below <= Points,
        below is { } points ? Format($"{points:F2} points below") : "no answers");

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
