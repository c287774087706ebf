using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Compute time that waits before a new arrival, divided by the number of threads, microseconds. Read at each admission, without a
/// lock.</summary>
internal interface IWaitingWork
{
    /// <summary>Returns the compute time of all pipelines, microseconds.</summary>
    /// <param name="orderUs">Place of the arrival in the queues, see <see cref="QueryScope.OrderUs"/>.</param>
    double BeforeUs(long orderUs);

    /// <summary>Returns the compute time of one pipeline, microseconds.</summary>
    /// <param name="orderUs">Place of the arrival in the queues, see <see cref="QueryScope.OrderUs"/>.</param>
    /// <param name="pipeline">Pipeline index.</param>
    double BeforeUs(long orderUs, int pipeline);
}
