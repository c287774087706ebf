namespace ServerlessLoki.Routing;

/// <summary>Work that waits before a query that arrives now.</summary>
public interface IBacklog
{
    /// <summary>Computes the time until the query would start on a variant of the root task, microseconds.</summary>
    double BeforeUs(int variant);

    /// <summary>True while no work waits.</summary>
    bool IsEmpty { get; }

    /// <summary>Measures the work that waits on the slots that pipelines share and is due within the longest SLO: that of all pipelines,
    /// and that of the query's own pipeline, microseconds.</summary>
    (double AllUs, double OwnUs) Shared();
}
