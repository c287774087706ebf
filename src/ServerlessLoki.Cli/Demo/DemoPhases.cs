using System.Collections.Immutable;
using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Cli.Demo;

/// <summary>Four phases of the demo, as multiples of the most accurate path's sustained throughput.</summary>
internal static class DemoPhases
{
    /// <summary>Index of the first light phase.</summary>
    public const int Light = 0;

    /// <summary>Index of the heavy phase.</summary>
    public const int Heavy = 2;

    /// <summary>Index of the second light phase.</summary>
    public const int LightAgain = 3;

    /// <summary>Load of the light phases, as a share of the sustained throughput.</summary>
    public const double LightShare = 0.4;

    /// <summary>Load of the heavy phase, as a multiple of the sustained throughput. The promise is for 3; the rest is a margin for chance
    /// and slow seconds.</summary>
    public const double HeavyShare = 3.3;

    /// <summary>Makes the phases.</summary>
    /// <param name="sustainedQps">Sustained throughput of the most accurate path, queries per second.</param>
    /// <param name="quick">True = a fifth of the time, for tests.</param>
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
