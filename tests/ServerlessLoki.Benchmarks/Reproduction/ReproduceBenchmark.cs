using System.Globalization;

namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>Runs the experiments of the published systems again, each on its own data, with its baselines and <c>unified</c> beside it.</summary>
internal static class ReproduceBenchmark
{
    private const string Results = "tests/ServerlessLoki.Benchmarks/RESULTS.md";
    private static readonly IReproduction[] Sets = [new LokiReproduction(), new ProteusReproduction(), new InfAdapterReproduction(), new IpaReproduction(), new InferLineReproduction()];

    public static Task<int> RunAsync(string[] args)
    {
        var unknown = args.Where(a => !Array.Exists(Sets, s => s.Name == a)).ToList();
        if (unknown.Count > 0)
        {
            Console.Error.WriteLine($"reproduce: there is no set {string.Join(", ", unknown)}; known: {string.Join(", ", Sets.Select(s => s.Name))}");
            return Task.FromResult(2);
        }

        foreach (var set in Sets.Where(s => args.Length == 0 || args.Contains(s.Name, StringComparer.Ordinal)))
            Run(set);
        return Task.FromResult(0);
    }

    private static void Run(IReproduction set)
    {
        if (set.NeedsData && !ReproductionData.Has(set.Name))
        {
            Console.WriteLine($"{set.Name}: skipped, its public data is absent: set LOKI_DATA to the folder that holds {set.Name}/ (tests/ServerlessLoki.Benchmarks/README.md says where it comes from).");
            return;
        }

        Console.WriteLine($"== {set.Name}");
        var report = new ReproductionReport();
        set.Run(report);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"({set.Name}: {report.Elapsed.TotalSeconds:0} s)"));
        if (File.Exists(Results))
            ResultsFile.Replace(Results, set.Name, report.Text);
        else
            Console.WriteLine($"Not written: {Results} is not here; run from the root of the repository.");
    }
}
