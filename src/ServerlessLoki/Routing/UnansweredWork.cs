using ServerlessLoki.Planning;

namespace ServerlessLoki.Routing;

/// <summary>Estimate of the waiting work for an ingress that does not see its workers' queues: each query that was sent and has no answer
/// from its root task yet counts as one whole query. Thread-safe.</summary>
/// <remarks>Such a query counts before a new one whatever its deadline: queues between processes are first in, first out. Other work of a
/// worker is part of its queues' times.</remarks>
/// <param name="pipelines">Number of pipelines.</param>
public sealed class UnansweredWork(int pipelines)
{
    private readonly int[] _queries = new int[pipelines];

    /// <summary>Records that a query was sent.</summary>
    public void Add(int pipeline) => Interlocked.Increment(ref _queries[pipeline]);

    /// <summary>Records that a query's root task answered, or that the query ended.</summary>
    public void Remove(int pipeline) => Interlocked.Decrement(ref _queries[pipeline]);

    /// <summary>Returns the queries of a pipeline that have no answer yet.</summary>
    public int Of(int pipeline) => Volatile.Read(ref _queries[pipeline]);

    /// <summary>Computes the time until the compute threads have done the work of one pipeline, microseconds.</summary>
    /// <param name="costs">Costs of a query under the plan in force.</param>
    /// <param name="pipeline">Pipeline index.</param>
    public double OwnUs(QueryCosts costs, int pipeline)
    {
        ArgumentNullException.ThrowIfNull(costs);
        return Of(pipeline) * costs.PerQueryUs[pipeline];
    }

    /// <summary>Computes the time until the compute threads have done the work of all pipelines, microseconds.</summary>
    /// <param name="costs">Costs of a query under the plan in force.</param>
    public double Us(QueryCosts costs)
    {
        var us = 0.0;
        for (var p = 0; p < _queries.Length; p++)
            us += OwnUs(costs, p);
        return us;
    }
}
