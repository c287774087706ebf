using ServerlessLoki.Planning;

namespace ServerlessLoki.Routing;

/// <summary>The waiting work as an ingress knows it that does not see its workers' queues: each query that was sent and has no answer from its root
/// task yet stands for one whole query. Thread-safe.</summary>
/// <remarks>Such a query stands before a new one whenever it is due: queues between processes are first in, first out. A worker's other work
/// is in its queues' times.</remarks>
/// <param name="pipelines">How many there are.</param>
public sealed class UnansweredWork(int pipelines)
{
    private readonly int[] _queries = new int[pipelines];

    /// <summary>A query was sent.</summary>
    public void Add(int pipeline) => Interlocked.Increment(ref _queries[pipeline]);

    /// <summary>Its root task answered, or it has ended.</summary>
    public void Remove(int pipeline) => Interlocked.Decrement(ref _queries[pipeline]);

    /// <summary>Queries of a pipeline that have no answer yet.</summary>
    public int Of(int pipeline) => Volatile.Read(ref _queries[pipeline]);

    /// <summary>Time until the compute threads have done the work of one pipeline, microseconds.</summary>
    /// <param name="costs">Under the plan in force.</param>
    /// <param name="pipeline">Pipeline index.</param>
    public double OwnUs(QueryCosts costs, int pipeline)
    {
        ArgumentNullException.ThrowIfNull(costs);
        return Of(pipeline) * costs.PerQueryUs[pipeline];
    }

    /// <summary>Time until they have done that of all pipelines, microseconds.</summary>
    /// <param name="costs">Under the plan in force.</param>
    public double Us(QueryCosts costs)
    {
        var us = 0.0;
        for (var p = 0; p < _queries.Length; p++)
            us += OwnUs(costs, p);
        return us;
    }
}
