using System.Runtime.InteropServices;
using ServerlessLoki.Planning;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Simulation.Events;

/// <summary>What ingress and workers know of each other, where they are processes of their own.</summary>
internal sealed partial class Engine
{
    /// <summary>What the ingress takes for waiting work; null where it sees the queues.</summary>
    private readonly UnansweredWork? _unanswered;

    /// <summary>Of one query under the plan in force, with the threads of all devices.</summary>
    private QueryCosts _costs = null!;
    private int _queriesHeld;

    /// <summary>Rows of queries that have ended run on.</summary>
    private bool WorkersAreBusy => _unanswered is not null && _queriesHeld > 0;

    /// <summary>Whether a worker gives up a row because its query has ended.</summary>
    private bool IsKnownToHaveEnded(int q) => _queries[q].HasEnded && _unanswered is null;

    /// <summary>A query's first answer came, or it has ended.</summary>
    private void Answered(ref QueryState query)
    {
        if (!query.IsUnanswered)
            return;
        query.IsUnanswered = false;
        _unanswered!.Remove(query.Pipeline);
    }

    /// <summary>A row cannot go on: its query ends, unless it has ended before.</summary>
    private void GiveUp(int q, long atUs)
    {
        if (!_queries[q].HasEnded)
            End(q, SimulatedOutcome.Expired, atUs);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly struct UnseenBacklog(UnansweredWork work, QueryCosts costs, int pipeline) : IBacklog
    {
        public bool IsEmpty => work.Us(costs) <= 0;

        public double BeforeUs(int variant) => work.Us(costs);

        public (double AllUs, double OwnUs) Shared() => (work.Us(costs), work.OwnUs(costs, pipeline));
    }
}
