using ServerlessLoki.Validation;

namespace ServerlessLoki.Planning;

/// <summary>A policy cannot plan this kind of problem at all, whatever the demand; overload, in contrast, is planned.</summary>
public sealed class PlanningRefusedException : FaultException
{
    internal PlanningRefusedException(string policy, IEnumerable<Fault> faults)
        : base($"policy {policy}", faults)
    {
    }
}
