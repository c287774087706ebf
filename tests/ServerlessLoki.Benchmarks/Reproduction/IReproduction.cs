using ServerlessLoki.Benchmarks.Reproduction.Rivals;

namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>The experiments of one published system, run again on its own data.</summary>
internal interface IReproduction
{
    /// <summary>Name of the system; of its data folder too.</summary>
    string Name { get; }

    /// <summary>False where the experiment is synthetic.</summary>
    bool NeedsData { get; }

    /// <summary>Experiments whose settings are searched.</summary>
    IEnumerable<Experiment> Experiments();

    /// <summary>Runs them and writes what came out.</summary>
    /// <param name="report">Takes the tables.</param>
    /// <param name="wanted">Chooses experiments by name.</param>
    void Run(ReproductionReport report, Func<string, bool> wanted);

    /// <summary>Searches the best setting of each rival.</summary>
    /// <param name="wanted">Chooses experiments by name.</param>
    void Search(Func<string, bool> wanted)
    {
        foreach (var experiment in Experiments().Where(e => wanted(e.Name)))
            BestSettings.Search(experiment);
    }
}
