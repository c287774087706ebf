using System.Runtime.InteropServices;

namespace ServerlessLoki.Routing;

/// <summary>What became of a query at the ingress.</summary>
/// <param name="Variant">Variant of the root task that it starts on; −1 = refused.</param>
/// <param name="Refusal">Why it was refused.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AdmissionDecision(int Variant, AdmissionRefusal Refusal);

/// <summary>Why a query is refused.</summary>
public enum AdmissionRefusal
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>Too many queries are pending.</summary>
    Full,

    /// <summary>Its pipeline has its part of the slots' time, and others wait for theirs.</summary>
    GivesWay,

    /// <summary>No deployed variant could answer it in time, or accurately enough, after the work that waits before it.</summary>
    TooLate,
}
