using System.Collections.Immutable;

namespace ServerlessLoki.Cli.Load;

/// <summary>Report of a window of a load run. Latencies are those of answers with status 200, from the intended send times.</summary>
internal sealed record PhaseReport
{
    /// <summary>Phase name.</summary>
    public required string Name { get; init; }

    /// <summary>Length of the window, seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Queries whose intended send time lies in the window.</summary>
    public required int Offered { get; init; }

    /// <summary>Queries of the window per second.</summary>
    public required double OfferedQps { get; init; }

    /// <summary>Queries answered 200, however late.</summary>
    public required int Completed { get; init; }

    /// <summary>Queries answered 200 after the SLO, because of a longer deadline of their own or the time of transport.</summary>
    public required int BeyondSlo { get; init; }

    /// <summary>Queries answered 200 within the SLO, per second.</summary>
    public required double GoodputQps { get; init; }

    /// <summary>Share of the queries answered 200 within the SLO, 0..1; 1 without queries.</summary>
    public required double SloAttainment { get; init; }

    /// <summary>Share of the queries not answered 200, 0..1.</summary>
    public required double UnservedShare { get; init; }

    /// <summary>Mean expected accuracy of the answers, 0..1; null when none carries one.</summary>
    public required double? EffectiveAccuracy { get; init; }

    /// <summary>Median latency, milliseconds; null without answers.</summary>
    public required double? P50Ms { get; init; }

    /// <summary>90th percentile of latency, milliseconds; null without answers.</summary>
    public required double? P90Ms { get; init; }

    /// <summary>99th percentile of latency, milliseconds; null without answers.</summary>
    public required double? P99Ms { get; init; }

    /// <summary>99.9th percentile of latency, milliseconds; null without answers.</summary>
    public required double? P999Ms { get; init; }

    /// <summary>Largest latency, milliseconds; null without answers.</summary>
    public required double? MaxMs { get; init; }

    /// <summary>99th percentile of the delay of sending, milliseconds. A large value means that the generator lacked processor
    /// time.</summary>
    public required double? SendLagP99Ms { get; init; }

    /// <summary>Number of queries by outcome: an HTTP status, or why there is none.</summary>
    public required ImmutableSortedDictionary<string, int> Outcomes { get; init; }

    /// <summary>Number of answers in which a variant took part, by variant.</summary>
    public required ImmutableSortedDictionary<string, int> Variants { get; init; }
}
