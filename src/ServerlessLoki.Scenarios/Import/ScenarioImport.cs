using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>Turns the files that published systems come with into scenarios.</summary>
/// <remarks>The data keep their owners' terms: what is imported is for comparison and does not belong into this project.</remarks>
public static class ScenarioImport
{
    private static readonly ImmutableArray<Entry> Entries =
    [
        new("infadapter", "variants, capacity tables and request rates of InfAdapter", ["750"], InfAdapterImport.Read),
        new("ipa", "pipelines, profiles and request rates of IPA", ["video", "audio-qa"], IpaImport.Read),
        new("loki", "the traffic-analysis pipeline of Loki", ["as-shipped", "corrected"], LokiImport.Read),
        new("proteus", "nine model families, three kinds of device and a recorded trace of Proteus", ["medium-normal"], ProteusImport.Read),
    ];

    /// <summary>Systems whose files are supported, sorted.</summary>
    public static ImmutableArray<string> KnownNames { get; } = [.. Entries.Select(e => e.Name)];

    /// <summary>Cases of a system's data; the first is the default.</summary>
    /// <param name="system">One of <see cref="KnownNames"/>.</param>
    public static ImmutableArray<string> Cases(string system) => Find(system).Cases;

    /// <summary>One line about a system's data.</summary>
    /// <param name="system">One of <see cref="KnownNames"/>.</param>
    public static string Summary(string system) => Find(system).Summary;

    /// <summary>Makes the scenario.</summary>
    /// <param name="system">One of <see cref="KnownNames"/>.</param>
    /// <param name="stem">What the names of accompanying files begin with.</param>
    /// <param name="readText">Reads a file of the data folder by its relative path; an <see cref="IOException"/> goes through, but for
    /// files that may be absent.</param>
    /// <param name="chosen">One of <see cref="Cases"/>; null = the first.</param>
    /// <exception cref="ArgumentException">There is no such system or case; the message lists those there are.</exception>
    /// <exception cref="ScenarioFormatException">A file is not laid out as expected; lists every fault.</exception>
    public static ImportedScenario Read(string system, string stem, Func<string, string> readText, string? chosen = null)
    {
        ArgumentNullException.ThrowIfNull(stem);
        ArgumentNullException.ThrowIfNull(readText);
        var entry = Find(system);
        chosen ??= entry.Cases[0];
        if (!entry.Cases.Contains(chosen, StringComparer.Ordinal))
            throw new ArgumentException($"{system} has no case \"{chosen}\"; known: {Names.Allowed(chosen, entry.Cases)}", nameof(chosen));
        return entry.Read(new ImportSource(stem, chosen, readText));
    }

    private static Entry Find(string system) => Entries.FirstOrDefault(e => e.Name == system)
        ?? throw new ArgumentException($"There is nothing that imports \"{system}\"; known: {Names.Allowed(system, KnownNames)}", nameof(system));

    private sealed record Entry(string Name, string Summary, ImmutableArray<string> Cases, Func<ImportSource, ImportedScenario> Read);
}
