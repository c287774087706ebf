using System.Runtime.InteropServices;

namespace ServerlessLoki.Simulation.Events;

/// <summary>A query on its way.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct QueryState
{
    public long Sequence;
    public ClientTicket Ticket;

    /// <summary>When the client sent it.</summary>
    public long SentUs;

    /// <summary>When it reached the ingress; later than sent where requests take the host's time.</summary>
    public long ArrivalUs;
    public long DeadlineUs;
    public double AccuracySum;
    public double MinAccuracy;
    public UInt128 Path;
    public int Pipeline;

    /// <summary>Rows that have not ended; the record is free at 0. While free: the next free record.</summary>
    public int Rows;
    public int Leaves;
    public int RootVariant;

    /// <summary>Recorded parent that its root is; −1 = drawn.</summary>
    public int Record;
    public bool HasEnded;

    /// <summary>Counts as waiting work of an ingress that does not see the queues.</summary>
    public bool IsUnanswered;

    /// <summary>Its own deadline is later than its pipeline's SLO.</summary>
    public bool IsPatient;
    public bool IsMeasured;
}
