namespace ServerlessLoki.Routing;

/// <summary>Deployed variant as the router sees it. All its replicas share one queue.</summary>
/// <param name="Variant">Variant index in the task.</param>
/// <param name="Accuracy">Accuracy of the variant, 0..1.</param>
/// <param name="CapacityQps">Rows per second that its replicas sustain at the planned batch.</param>
/// <param name="SpareQps">Capacity that the normal routes leave over, rows per second; 0 when full.</param>
/// <param name="Batch">Largest planned batch.</param>
/// <param name="LatencyUs">Time of one planned batch, microseconds; the slowest group where devices differ.</param>
/// <param name="SingleUs">Time of a batch of one, microseconds; the fastest group where devices differ.</param>
/// <param name="MinBelowUs">Least processing time after this task over deployed variants, batches of one; 0 at a leaf.</param>
/// <param name="PlannedBelowUs">Processing time after this task at planned batches, most accurate deployed variants; 0 at a leaf.</param>
/// <param name="Replicas">Slots that run the variant; at least 1.</param>
public readonly record struct RouteOption(
    int Variant,
    double Accuracy,
    double CapacityQps,
    double SpareQps,
    int Batch,
    double LatencyUs,
    double SingleUs,
    double MinBelowUs,
    double PlannedBelowUs,
    int Replicas)
{
    /// <summary>Processing and planned waits after this task, microseconds; null where the plan plans no waits.</summary>
    public double? ResponseBelowUs { get; init; }

    /// <summary>Time reserved for the stages below from the end of this one, queueing included, microseconds: as planned, else twice their
    /// processing, once to queue and once to run (Loki, latency budgets).</summary>
    public double ReservedBelowUs => ResponseBelowUs ?? (2 * PlannedBelowUs);

    /// <summary>Longest wait that the plan allows before a batch here starts, microseconds; null = not planned.</summary>
    public double? WaitUs { get; init; }

    /// <summary>Time until one of the replicas, all busy with full batches, becomes free: L / replicas, microseconds.</summary>
    public double QueueUs => LatencyUs / Replicas;
}
