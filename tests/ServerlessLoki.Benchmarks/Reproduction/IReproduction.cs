namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>The experiment of one published system, run again on its own data.</summary>
internal interface IReproduction
{
    /// <summary>Name of the system; of its data folder too.</summary>
    string Name { get; }

    /// <summary>False where the experiment is synthetic.</summary>
    bool NeedsData { get; }

    /// <summary>Runs it and writes what came out.</summary>
    void Run(ReproductionReport report);
}
