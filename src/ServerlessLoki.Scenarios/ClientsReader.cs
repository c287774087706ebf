using System.Collections.Immutable;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads clients that wait for their answers: one number of them, or several in phases.</summary>
internal sealed class ClientsReader(int pipeline)
{
    private const int MostClients = 100_000;
    private const string RetryAfter = "retryAfter";
    private const double MostMs = 1e9;

    public ClientGroup Read(JsonValue item)
    {
        var phases = Phases(item);
        var think = item.TryOptional("thinkMs", out var t) ? t.Number(0, MostMs) ?? 0 : 0;
        var isRandom = item.TryOptional("think", out var how) && how.OneOf("fixed", "exponential") == "exponential";
        return new ClientGroup(phases.IsEmpty ? [(0, TimeSpan.FromSeconds(1))] : phases, Us(think), isRandom, Retry(item), pipeline);
    }

    private static ImmutableArray<(int Count, TimeSpan Length)> Phases(JsonValue item)
    {
        var several = item.TryOptional("phases", out var phases);
        if (several == (item.TryOptional("count", out _) || item.TryOptional("seconds", out _)))
        {
            item.Fault(
                several ? "both phases and count or seconds are given" : "no clients are given", null,
                "either \"count\" and \"seconds\", or \"phases\" (an array of both)");
            return [];
        }

        return several
            ? [.. ScenarioSource.NotEmpty(phases, "an array of at least one phase").Where(p => p.IsObjectWith("count", "seconds")).Select(Phase)]
            : [Phase(item)];
    }

    private static (int Count, TimeSpan Length) Phase(JsonValue item) => (
        (int)((item.TryRequired("count", "number of clients", out var c) ? c.Integer(0, MostClients) : null) ?? 0),
        TimeSpan.FromSeconds((item.TryRequired("seconds", "seconds above 0", out var s) ? s.Number(0.001, 1e9) : null) ?? 1));

    private static long? Retry(JsonValue item)
    {
        if (!item.TryOptional("retryMs", out var retry))
            return null;
        if (retry.RawText is not null)
        {
            retry.OneOf(RetryAfter);
            return null;
        }

        return retry.Number(0, MostMs) is { } ms ? Us(ms) : null;
    }

    private static long Us(double ms) => (long)Math.Round(ms * 1000);
}
