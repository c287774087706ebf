using System.Collections.Immutable;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>One way in which the data of a system lie in a folder.</summary>
/// <param name="What">What the folder is, in words: a clone of a repository, or a table that somebody wrote.</param>
/// <param name="Files">Files by which it is recognised; all must exist.</param>
/// <param name="Cases">Cases that the folder offers; the first is the default.</param>
/// <param name="Read">Makes the scenario.</param>
internal sealed record ImportLayout(
    string What, ImmutableArray<string> Files, Func<IImportFolder, ImmutableArray<string>> Cases, Func<ImportSource, ImportedScenario> Read)
{
    /// <summary>Whether a folder has this layout.</summary>
    public bool Fits(IImportFolder folder) => Files.All(folder.Has);
}
