using System.Globalization;
using ServerlessLoki.Benchmarks.Reproduction.Rivals;

namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>Runs the experiments of the published systems again, each on its own data, with its baselines and <c>unified</c> beside it.</summary>
internal static class ReproduceBenchmark
{
    private const string Results = "tests/ServerlessLoki.Benchmarks/RESULTS.md";
    private static readonly IReproduction[] Sets = [new LokiReproduction(), new ProteusReproduction(), new InfAdapterReproduction(), new IpaReproduction(), new InferLineReproduction(), new HardCases()];

    private const string Sweep = "sweep";
    private const string Table = "summary";

    public static Task<int> RunAsync(string[] args)
    {
        var isSearch = args.Contains(Sweep, StringComparer.Ordinal);
        var names = args.Where(a => a is not (Sweep or Table)).ToArray();
        var unknown = names.Where(a => !Array.Exists(Sets, s => s.Name == Set(a))).ToList();
        if (unknown.Count > 0)
        {
            Console.Error.WriteLine($"reproduce: there is no set {string.Join(", ", unknown)}; known: {string.Join(", ", Sets.Select(s => s.Name))}, {Sweep} before them to search settings, {Table} for the table of all");
            return Task.FromResult(2);
        }

        foreach (var set in Sets.Where(s => Array.Exists(names, n => Set(n) == s.Name) || (names.Length == 0 && !args.Contains(Table, StringComparer.Ordinal))))
            Run(set, isSearch, [.. names.Where(n => n.Contains('/'))]);
        if (!isSearch)
            WriteSummary();
        return Task.FromResult(0);
    }

    private static void WriteSummary()
    {
        var report = new ReproductionReport();
        Summary.Write(report);
        if (File.Exists(Results))
            ResultsFile.Replace(Results, Table, report.Text);
    }

    // "hard/ramp" is one experiment of the set "hard".
    private static string Set(string name) => name.Split('/')[0];

    private static void Run(IReproduction set, bool isSearch, string[] experiments)
    {
        if (set.NeedsData && !ReproductionData.Has(set.Name))
        {
            Console.WriteLine($"{set.Name}: skipped, its public data is absent: set LOKI_DATA to the folder that holds {set.Name}/ (tests/ServerlessLoki.Benchmarks/README.md says where it comes from).");
            return;
        }

        Console.WriteLine($"== {set.Name}");
        var report = new ReproductionReport();
        if (isSearch)
            set.Search(Wanted);
        else
            set.Run(report, Wanted);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"({set.Name}: {report.Elapsed.TotalSeconds:0} s)"));
        // A section is written whole or not at all.
        if (isSearch || experiments.Length > 0 || report.Text.Length == 0)
            return;
        if (File.Exists(Results))
            ResultsFile.Replace(Results, set.Name, report.Text);
        else
            Console.WriteLine($"Not written: {Results} is not here; run from the root of the repository.");

        bool Wanted(string experiment) => experiments.Length == 0 || experiments.Any(e => experiment.StartsWith(e, StringComparison.Ordinal));
    }
}
