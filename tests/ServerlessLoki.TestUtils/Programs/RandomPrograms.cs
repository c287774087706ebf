using ServerlessLoki.Solver;

namespace ServerlessLoki.Tests.Shared;

/// <summary>Random programs of the kinds that planning meets, and of kinds that it does not.</summary>
internal static class RandomPrograms
{
    /// <summary>A mixed program with all row types; small whole coefficients make ties and degenerate vertices common.</summary>
    public static MixedIntegerProgram Mixed(int seed, int most = 12)
    {
        var random = new Random(seed);
        var builder = new MixedIntegerProgramBuilder(random.Next(2) == 0 ? ObjectiveSense.Minimise : ObjectiveSense.Maximise);
        var (columns, rows) = (random.Next(1, most + 1), random.Next(0, most + 1));
        var whole = random.Next(2) == 0;
        for (var j = 0; j < columns; j++)
        {
            var integer = random.NextDouble() < 0.6;
            var lower = random.Next(5) switch { 0 => -random.Next(1, 6), 1 when !integer => double.NegativeInfinity, _ => 0.0 };
            var upper = random.Next(4) switch { 0 => Math.Max(lower, 0) + random.Next(0, 4), 1 when !integer => double.PositiveInfinity, _ => Math.Max(lower, 0) + random.Next(1, 12) };
            builder.AddColumn(lower, upper, Coefficient(random, whole), integer);
        }

        for (var i = 0; i < rows; i++)
        {
            var row = AddRow(builder, random, 3 * columns * random.NextDouble());
            for (var j = 0; j < columns; j++)
            {
                if (random.NextDouble() < 0.5)
                    builder.AddTerm(row, j, Coefficient(random, whole));
            }
        }

        return builder.Build();
    }

    /// <summary>Replica counts cover demand within a cluster limit, flows choose among variants: a planning program in small.</summary>
    public static MixedIntegerProgram Planning(int seed, int pipelines = 2, int tasks = 2, int variants = 4, int devices = 2)
    {
        var random = new Random(seed);
        var builder = new MixedIntegerProgramBuilder(ObjectiveSense.Maximise);
        var capacity = new int[devices];
        for (var d = 0; d < devices; d++)
            capacity[d] = builder.AddRow(0, random.Next(2, 4) * pipelines * tasks);
        for (var p = 0; p < pipelines; p++)
        {
            var demand = 20 + (100 * random.NextDouble());
            for (var t = 0; t < tasks; t++)
            {
                var all = builder.AddRow(1, 1);
                var accuracy = 100.0;
                var rate = 5 + (10 * random.NextDouble());
                for (var v = 0; v < variants; v++)
                {
                    var flow = builder.AddColumn(0, 1, accuracy);
                    builder.AddTerm(all, flow, 1);
                    var cover = builder.AddRow(0, double.PositiveInfinity);
                    builder.AddTerm(cover, flow, -demand);
                    for (var d = 0; d < devices; d++)
                    {
                        var replicas = builder.AddColumn(0, 200, 0, isInteger: true);
                        builder.AddTerm(cover, replicas, rate * (1 + (d * 0.7 * random.NextDouble())));
                        builder.AddTerm(capacity[d], replicas, 1);
                    }

                    accuracy -= 1 + (6 * random.NextDouble());
                    rate *= 1.3 + (0.7 * random.NextDouble());
                }

                // Overload is served with less, never aborted.
                var shed = builder.AddColumn(0, 1, -100);
                builder.AddTerm(all, shed, 1);
            }
        }

        return builder.Build();
    }

    /// <summary>Binary choices with fixed costs and big coefficients: lot sizing.</summary>
    public static MixedIntegerProgram FixedCharge(int seed, int sites = 6, int customers = 8)
    {
        var random = new Random(seed);
        var builder = new MixedIntegerProgramBuilder();
        var serve = new int[customers];
        for (var c = 0; c < customers; c++)
            serve[c] = builder.AddRow(1, 1);
        for (var s = 0; s < sites; s++)
        {
            var size = 20 + random.Next(30);
            var open = builder.AddBinary(10 + random.Next(40));
            var limit = builder.AddRow(double.NegativeInfinity, 0);
            builder.AddTerm(limit, open, -size);
            for (var c = 0; c < customers; c++)
            {
                var share = builder.AddColumn(0, 1, 1 + random.Next(20));
                builder.AddTerm(serve[c], share, 1);
                builder.AddTerm(limit, share, 5 + random.Next(6));
            }
        }

        return builder.Build();
    }

    /// <summary>Several knapsacks over the same binaries.</summary>
    public static MixedIntegerProgram Knapsacks(int seed, int items = 15, int knapsacks = 3)
    {
        var random = new Random(seed);
        var builder = new MixedIntegerProgramBuilder(ObjectiveSense.Maximise);
        for (var k = 0; k < knapsacks; k++)
            builder.AddRow(double.NegativeInfinity, items * 12);
        for (var i = 0; i < items; i++)
        {
            var item = builder.AddBinary(20 + random.Next(60));
            for (var k = 0; k < knapsacks; k++)
                builder.AddTerm(k, item, 10 + random.Next(40));
        }

        return builder.Build();
    }

    private static int AddRow(MixedIntegerProgramBuilder builder, Random random, double size)
    {
        var side = Math.Round(size);
        return random.Next(6) switch
        {
            0 => builder.AddRow(side, side),
            1 => builder.AddRow(-side, side + random.Next(5)),
            2 or 3 => builder.AddRow(double.NegativeInfinity, side),
            4 => builder.AddRow(-side, double.PositiveInfinity),
            _ => builder.AddRow(side / 3, double.PositiveInfinity),
        };
    }

    private static double Coefficient(Random random, bool whole)
    {
        var value = (random.NextDouble() * 20) - 8;
        return whole ? Math.Round(value / 2) : value;
    }
}
