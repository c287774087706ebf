using System.Runtime.InteropServices;

namespace ServerlessLoki.Simulation.Events;

/// <summary>State of a query that has not ended.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct QueryState
{
    public long Sequence;
    public ClientTicket Ticket;

    /// <summary>Time when the client sent the query, microseconds.</summary>
    public long SentUs;

    /// <summary>Time when the query reached the ingress, microseconds; later than sent where requests take the host's time.</summary>
    public long ArrivalUs;
    public long DeadlineUs;
    public double AccuracySum;
    public double MinAccuracy;
    public UInt128 Path;
    public int Pipeline;

    /// <summary>Rows that have not ended; the record is free at 0. In a free record: the next free record.</summary>
    public int Rows;
    public int Leaves;
    public int RootVariant;

    /// <summary>Recorded parent that the query's root repeats; −1 = drawn.</summary>
    public int Record;
    public bool HasEnded;

    /// <summary>True while the query counts as waiting work of an ingress that does not see the queues.</summary>
    public bool IsUnanswered;

    /// <summary>True if the query's own deadline is later than its pipeline's SLO.</summary>
    public bool IsPatient;
    public bool IsMeasured;
}
