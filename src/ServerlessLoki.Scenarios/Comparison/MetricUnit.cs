namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Unit of a figure.</summary>
public enum MetricUnit
{
    /// <summary>0..1, shown as per cent.</summary>
    Share,

    /// <summary>0..1, shown with three digits.</summary>
    Accuracy,

    /// <summary>Milliseconds.</summary>
    Milliseconds,

    /// <summary>Queries per second.</summary>
    Qps,

    /// <summary>Slots.</summary>
    Slots,

    /// <summary>Whole events.</summary>
    Count,

    /// <summary>The scenario's currency per hour.</summary>
    PricePerHour,
}
