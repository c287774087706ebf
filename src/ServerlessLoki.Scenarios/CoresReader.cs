using System.Collections.Immutable;
using ServerlessLoki.Profiles;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reader of the profile of replicas with several cores.</summary>
internal static class CoresReader
{
    public static CoreProfile Read(JsonValue value, string[] variants)
    {
        if (!value.IsObjectWith("minCores", "capacityQps", "perReplica", "loadSeconds"))
            return new CoreProfile();
        return new CoreProfile
        {
            MinCores = (int)((value.TryOptional("minCores", out var m) ? m.Integer(1, 1_000_000) : null) ?? 1),
            CapacityQps = Each(value, "capacityQps", variants, Capacities),
            CoresPerReplica = Each(value, "perReplica", variants, x => (int)(x.Integer(1, 1_000_000) ?? 1)),
            LoadTime = Each(value, "loadSeconds", variants, x => TimeSpan.FromSeconds(x.Number(0, 1e6) ?? 0)),
        };
    }

    private static ImmutableDictionary<string, T> Each<T>(JsonValue value, string key, string[] variants, Func<JsonValue, T> read)
    {
        if (!value.TryOptional(key, out var byVariant) || !byVariant.IsObjectWith(variants))
            return ImmutableDictionary<string, T>.Empty;
        var entries = ImmutableDictionary.CreateBuilder<string, T>(StringComparer.Ordinal);
        foreach (var (name, item) in byVariant.Properties())
            entries[name] = read(item);
        return entries.ToImmutable();
    }

    private static ImmutableArray<double> Capacities(JsonValue value)
    {
        var numbers = ScenarioSource.NotEmpty(value, "queries per second by cores, beginning with 0 cores").Select(x => x.Number(0, 1e9) ?? 0).ToImmutableArray();
        if (!numbers.IsEmpty && numbers[0] != 0)
            value.Fault("the first capacity belongs to 0 cores", $"{numbers[0]}", "0");
        return numbers;
    }
}
