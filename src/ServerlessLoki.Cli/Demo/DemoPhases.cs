using System.Collections.Immutable;
using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Cli.Demo;

/// <summary>The four phases of the demo, as multiples of what the most accurate path sustains.</summary>
internal static class DemoPhases
{
    /// <summary>Index of the first light phase.</summary>
    public const int Light = 0;

    /// <summary>Index of the heavy phase.</summary>
    public const int Heavy = 2;

    /// <summary>Index of the second light phase.</summary>
    public const int LightAgain = 3;

    /// <summary>Offered in the light phases, share of the sustained throughput.</summary>
    public const double LightShare = 0.4;

    /// <summary>Offered in the heavy phase; the promise speaks of 3, the rest covers what chance and a slow second take.</summary>
    public const double HeavyShare = 3.3;

    /// <summary>Lays the phases out.</summary>
    /// <param name="sustainedQps">What the most accurate path sustains, queries per second.</param>
    /// <param name="quick">A fifth of the time, for tests.</param>
    public static ImmutableArray<LoadPhase> For(double sustainedQps, bool quick)
    {
        var light = LightShare * sustainedQps;
        var heavy = HeavyShare * sustainedQps;
        double[] seconds = quick ? [2, 2, 3, 7] : [10, 12, 14, 14];
        return
        [
            new LoadPhase("light", light, light, TimeSpan.FromSeconds(seconds[0])),
            new LoadPhase("rising", light, heavy, TimeSpan.FromSeconds(seconds[1])),
            new LoadPhase("heavy", heavy, heavy, TimeSpan.FromSeconds(seconds[2])),
            new LoadPhase("light again", light, light, TimeSpan.FromSeconds(seconds[3])),
        ];
    }
}
