using System.Runtime.InteropServices;

namespace ServerlessLoki.Routing;

/// <summary>Decision of the ingress about a query.</summary>
/// <param name="Variant">Variant of the root task that the query starts on; −1 = refused.</param>
/// <param name="Refusal">Reason of the refusal.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AdmissionDecision(int Variant, AdmissionRefusal Refusal);

/// <summary>Reason why a query is refused.</summary>
public enum AdmissionRefusal
{
    /// <summary>The query is not refused.</summary>
    None,

    /// <summary>Too many queries are pending.</summary>
    Full,

    /// <summary>The query's pipeline already has its part of the slots' time, and other pipelines wait for theirs.</summary>
    GivesWay,

    /// <summary>No deployed variant could answer the query in time, or accurately enough, after the work that waits before it.</summary>
    TooLate,
}
