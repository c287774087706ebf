using ServerlessLoki.Validation;

namespace ServerlessLoki.Planning;

/// <summary>A policy cannot plan a problem of this kind at all, whatever the demand. Overload is not such a case; it is planned.</summary>
public sealed class PlanningRefusedException : FaultException
{
    internal PlanningRefusedException(string policy, IEnumerable<Fault> faults)
        : base($"policy {policy}", faults)
    {
    }
}
