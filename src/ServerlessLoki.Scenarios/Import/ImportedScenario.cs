using System.Collections.Immutable;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>A scenario made from somebody else's files.</summary>
/// <param name="Json">The scenario file.</param>
/// <param name="Files">Files that it names, by their path relative to it.</param>
public sealed record ImportedScenario(string Json, ImmutableSortedDictionary<string, string> Files)
{
    /// <summary>Reads it without writing it anywhere.</summary>
    /// <param name="source">Name for messages.</param>
    /// <exception cref="ScenarioFormatException">It has faults: the source files hold something unexpected.</exception>
    public Scenario Read(string source) => ScenarioReader.Read(
        Json, source, path => Files.TryGetValue(path, out var text) ? text : throw new FileNotFoundException($"the import made no file {path}"));
}
