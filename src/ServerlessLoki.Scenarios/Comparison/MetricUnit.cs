namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Unit of a figure.</summary>
public enum MetricUnit
{
    /// <summary>Share, 0..1, shown as per cent.</summary>
    Share,

    /// <summary>Accuracy, 0..1, shown with three digits.</summary>
    Accuracy,

    /// <summary>Milliseconds.</summary>
    Milliseconds,

    /// <summary>Queries per second.</summary>
    Qps,

    /// <summary>Number of slots.</summary>
    Slots,

    /// <summary>Number of events.</summary>
    Count,

    /// <summary>Price in the scenario's currency per hour.</summary>
    PricePerHour,
}
