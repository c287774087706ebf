using System.Collections.Immutable;

namespace ServerlessLoki.Cli.Load;

/// <summary>What a window of a load run showed. Latencies are those of answers with status 200, from the intended send times.</summary>
internal sealed record PhaseReport
{
    /// <summary>Phase name.</summary>
    public required string Name { get; init; }

    /// <summary>Length of the window, seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Queries whose intended send time lies in the window.</summary>
    public required int Offered { get; init; }

    /// <summary>Offered per second.</summary>
    public required double OfferedQps { get; init; }

    /// <summary>Answered 200, however late.</summary>
    public required int Completed { get; init; }

    /// <summary>Answered 200 after the SLO: a deadline of their own let them, or the way here and back took its time.</summary>
    public required int BeyondSlo { get; init; }

    /// <summary>Answered 200 within the SLO, per second.</summary>
    public required double GoodputQps { get; init; }

    /// <summary>Answered 200 within the SLO, share of the offered; 1 when nothing was offered.</summary>
    public required double SloAttainment { get; init; }

    /// <summary>Not answered 200, share of the offered.</summary>
    public required double UnservedShare { get; init; }

    /// <summary>Mean expected accuracy of the answers, 0..1; null when none carries one.</summary>
    public required double? EffectiveAccuracy { get; init; }

    /// <summary>Median, milliseconds; null without answers.</summary>
    public required double? P50Ms { get; init; }

    /// <summary>90th percentile, milliseconds.</summary>
    public required double? P90Ms { get; init; }

    /// <summary>99th percentile, milliseconds.</summary>
    public required double? P99Ms { get; init; }

    /// <summary>99.9th percentile, milliseconds.</summary>
    public required double? P999Ms { get; init; }

    /// <summary>Slowest, milliseconds.</summary>
    public required double? MaxMs { get; init; }

    /// <summary>99th percentile of how late queries left, milliseconds: large means that the generator was starved.</summary>
    public required double? SendLagP99Ms { get; init; }

    /// <summary>Queries by outcome: an HTTP status, or why there is none.</summary>
    public required ImmutableSortedDictionary<string, int> Outcomes { get; init; }

    /// <summary>Answers in which a variant took part, by variant.</summary>
    public required ImmutableSortedDictionary<string, int> Variants { get; init; }
}
