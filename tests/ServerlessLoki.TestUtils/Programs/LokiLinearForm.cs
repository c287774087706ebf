using ServerlessLoki.Solver;

namespace ServerlessLoki.Tests.Shared;

/// <summary>
/// Loki's accuracy scaling as a linear program for two stages, from a made-up profile: latency of a batch b is
/// base·(1 + slope·(b − 1)), better variants are slower, better first stages hand on more.
/// </summary>
internal static class LokiLinearForm
{
    private const double SloS = 0.25;

    private static readonly int[] s_batches = [1, 2, 4, 8, 16, 32, 64];
    private static readonly (double BaseS, double Slope, double Accuracy, double FanOut)[] s_first =
        [(0.009, 0.55, 55, 2.0), (0.016, 0.60, 74, 6.0), (0.024, 0.65, 90, 10.0), (0.033, 0.72, 100, 14.0)];

    private static readonly (double BaseS, double Slope, double Accuracy)[] s_second =
        [(0.004, 0.12, 91), (0.005, 0.14, 94), (0.007, 0.16, 96.5), (0.009, 0.20, 98.5), (0.013, 0.24, 100)];

    private enum Stage
    {
        First,
        Second,
    }

    public static MixedIntegerProgram Build(double demandQps, int servers = 18)
    {
        var builder = new MixedIntegerProgramBuilder(ObjectiveSense.Maximise);
        var cluster = builder.AddRow(double.NegativeInfinity, servers, "C7");
        var all = builder.AddRow(1, 1, "C6");
        var first = Enumerable.Range(0, s_first.Length).Select(v => Variant(builder, cluster, servers, b => Latency(Stage.First, v, b))).ToArray();
        var second = Enumerable.Range(0, s_second.Length).Select(v => Variant(builder, cluster, servers, b => Latency(Stage.Second, v, b))).ToArray();
        var big = Latency(Stage.First, s_first.Length - 1, 64) + Latency(Stage.Second, s_second.Length - 1, 64);
        for (var u = 0; u < first.Length; u++)
        {
            for (var v = 0; v < second.Length; v++)
            {
                var share = builder.AddColumn(0, 1, s_first[u].Accuracy * s_second[v].Accuracy / 100);
                var used = builder.AddBinary(0);
                builder.AddTerm(all, share, 1);
                builder.AddTerm(first[u].Cover, share, -demandQps);
                builder.AddTerm(second[v].Cover, share, -demandQps * s_first[u].FanOut);
                builder.AddRow(double.NegativeInfinity, 0, [(share, 1), (used, -1)], "C4");
                var latency = builder.AddRow(double.NegativeInfinity, (SloS / 2) + big, [(used, big)], "C5");
                for (var k = 0; k < s_batches.Length; k++)
                {
                    builder.AddTerm(latency, first[u].Chosen[k], Latency(Stage.First, u, s_batches[k]));
                    builder.AddTerm(latency, second[v].Chosen[k], Latency(Stage.Second, v, s_batches[k]));
                }
            }
        }

        return builder.Build();
    }

    private static (int Cover, int[] Chosen) Variant(MixedIntegerProgramBuilder builder, int cluster, int servers, Func<int, double> latencyS)
    {
        var cover = builder.AddRow(0, double.PositiveInfinity, "C1");
        var one = builder.AddRow(double.NegativeInfinity, 1, "C2");
        var chosen = new int[s_batches.Length];
        for (var k = 0; k < s_batches.Length; k++)
        {
            var replicas = builder.AddColumn(0, servers, 0, isInteger: true);
            chosen[k] = builder.AddBinary(0);
            builder.AddTerm(one, chosen[k], 1);
            builder.AddTerm(cluster, replicas, 1);
            builder.AddTerm(cover, replicas, s_batches[k] / latencyS(s_batches[k]));
            builder.AddRow(double.NegativeInfinity, 0, [(replicas, 1), (chosen[k], -servers)]);
        }

        return (cover, chosen);
    }

    private static double Latency(Stage stage, int variant, int batch)
    {
        var (baseS, slope) = stage == Stage.First
            ? (s_first[variant].BaseS, s_first[variant].Slope)
            : (s_second[variant].BaseS, s_second[variant].Slope);
        return baseS * (1 + (slope * (batch - 1)));
    }
}
