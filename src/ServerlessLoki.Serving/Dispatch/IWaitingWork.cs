using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Compute time that stands before a new arrival, spread over the threads, microseconds. Each admission asks: no lock is taken.</summary>
internal interface IWaitingWork
{
    /// <summary>All of it.</summary>
    /// <param name="orderUs">The arrival's place in the queues, see <see cref="QueryScope.OrderUs"/>.</param>
    double BeforeUs(long orderUs);

    /// <summary>What of it is one pipeline's.</summary>
    /// <param name="orderUs">As above.</param>
    /// <param name="pipeline">Its index.</param>
    double BeforeUs(long orderUs, int pipeline);
}
