using System.Runtime.InteropServices;
using ServerlessLoki.Planning;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Limited view that ingress and workers have of each other where they are separate processes.</summary>
internal sealed partial class Engine
{
    /// <summary>Waiting work as estimated by the ingress; null where it sees the queues.</summary>
    private readonly UnansweredWork? _unanswered;

    /// <summary>Costs of one query under the plan in force, with the threads of all devices.</summary>
    private QueryCosts _costs = null!;
    private int _queriesHeld;

    /// <summary>True while rows of ended queries still run.</summary>
    private bool WorkersAreBusy => _unanswered is not null && _queriesHeld > 0;

    /// <summary>Tests whether a worker gives up a row because its query has ended.</summary>
    private bool IsKnownToHaveEnded(int q) => _queries[q].HasEnded && _unanswered is null;

    /// <summary>Records that a query's first answer came, or that it ended.</summary>
    private void Answered(ref QueryState query)
    {
        if (!query.IsUnanswered)
            return;
        query.IsUnanswered = false;
        _unanswered!.Remove(query.Pipeline);
    }

    /// <summary>Ends the query of a row that cannot go on, unless it has ended before.</summary>
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
