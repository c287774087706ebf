using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>Turns the files that published systems come with into scenarios: clones of their repositories as they are, or tables.</summary>
/// <remarks>The data keep their owners' terms: what is imported is for comparison and does not belong into this project.</remarks>
public static class ScenarioImport
{
    private static readonly ImmutableArray<Entry> Entries =
    [
        new("infadapter", "variants, capacities and request rates of InfAdapter", [InfAdapterImport.Tables, InfAdapterClone.Layout]),
        new("ipa", "pipelines, profiles and request rates of IPA", [IpaImport.Tables, IpaClone.Layout]),
        new("loki", "the traffic-analysis pipeline of Loki", [LokiImport.Tables, LokiClone.Layout]),
        new("proteus", "nine model families, three kinds of device and recorded traces of Proteus", [ProteusImport.Tables, ProteusClone.Layout]),
    ];

    /// <summary>Systems whose files are supported, sorted.</summary>
    public static ImmutableArray<string> KnownNames { get; } = [.. Entries.Select(e => e.Name)];

    /// <summary>Summary of a system's data in one line.</summary>
    /// <param name="system">One of <see cref="KnownNames"/>.</param>
    public static string Summary(string system) => Find(system).Summary;

    /// <summary>Layouts of a folder that are understood, each in one line with the files by which it is recognised.</summary>
    /// <param name="system">One of <see cref="KnownNames"/>.</param>
    public static ImmutableArray<string> Layouts(string system) => [.. Find(system).Layouts.Select(l => $"{l.What} (with {string.Join(", ", l.Files)})")];

    /// <summary>Cases that the data in a folder offer; the first is the default.</summary>
    /// <param name="system">One of <see cref="KnownNames"/>.</param>
    /// <param name="folder">Folder of the data.</param>
    /// <exception cref="ScenarioFormatException">The folder has none of the layouts.</exception>
    public static ImmutableArray<string> Cases(string system, IImportFolder folder) => LayoutOf(Find(system), folder).Cases(folder);

    /// <summary>Makes the scenario.</summary>
    /// <param name="system">One of <see cref="KnownNames"/>.</param>
    /// <param name="stem">What the names of accompanying files begin with.</param>
    /// <param name="folder">Folder of the data; an <see cref="IOException"/> of reading it goes through.</param>
    /// <param name="chosen">One of <see cref="Cases"/>; null = the first.</param>
    /// <exception cref="ArgumentException">There is no such system or case; the message lists those there are.</exception>
    /// <exception cref="ScenarioFormatException">A file is not laid out as expected, or the folder is; lists every fault.</exception>
    public static ImportedScenario Read(string system, string stem, IImportFolder folder, string? chosen = null)
    {
        ArgumentNullException.ThrowIfNull(stem);
        ArgumentNullException.ThrowIfNull(folder);
        var layout = LayoutOf(Find(system), folder);
        var cases = layout.Cases(folder);
        chosen ??= cases[0];
        if (!cases.Contains(chosen, StringComparer.Ordinal))
            throw new ArgumentException($"{system} has no case \"{chosen}\"; known: {Names.Allowed(chosen, cases)}", nameof(chosen));
        return layout.Read(new ImportSource(stem, chosen, folder));
    }

    private static ImportLayout LayoutOf(Entry entry, IImportFolder folder)
    {
        var faults = new FaultList();
        if (entry.Layouts.FirstOrDefault(l => l.Fits(folder)) is { } layout)
        {
            if (!layout.Cases(folder).IsEmpty)
                return layout;
            faults.Add(folder.Name, $"{layout.What} without request traces");
        }

        foreach (var known in entry.Layouts)
        {
            if (known.Files.FirstOrDefault(f => !folder.Has(f)) is { } missing)
                faults.Add(folder.Name, $"not {known.What}", $"no file {missing}", string.Join(", ", known.Files));
        }

        throw new ScenarioFormatException(folder.Name, faults.All);
    }

    private static Entry Find(string system) => Entries.FirstOrDefault(e => e.Name == system)
        ?? throw new ArgumentException($"There is nothing that imports \"{system}\"; known: {Names.Allowed(system, KnownNames)}", nameof(system));

    private sealed record Entry(string Name, string Summary, ImmutableArray<ImportLayout> Layouts);
}
