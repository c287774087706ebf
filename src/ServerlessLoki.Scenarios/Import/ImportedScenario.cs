using System.Collections.Immutable;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>Scenario made from the files of a published system.</summary>
/// <param name="Json">Text of the scenario file.</param>
/// <param name="Files">Files that the scenario names, by their path relative to it.</param>
public sealed record ImportedScenario(string Json, ImmutableSortedDictionary<string, string> Files)
{
    /// <summary>Reads the scenario without writing it to disk.</summary>
    /// <param name="source">Name for messages.</param>
    /// <exception cref="ScenarioFormatException">The scenario has faults: the source files hold something unexpected.</exception>
    public Scenario Read(string source) => ScenarioReader.Read(
        Json, source, path => Files.TryGetValue(path, out var text) ? text : throw new FileNotFoundException($"the import made no file {path}"));
}
