using System.Collections.Concurrent;

namespace ServerlessLoki.LocalCloud.TestApp;

/// <summary>Counts of events in this process, by name, which tests read.</summary>
internal static class Seen
{
    private static readonly ConcurrentDictionary<string, int> Counts = new(StringComparer.Ordinal);

    public static int Of(string name) => Counts.GetValueOrDefault(name);

    public static void Add(string name) => Counts.AddOrUpdate(name, 1, static (_, count) => count + 1);
}
