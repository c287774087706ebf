using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving;

/// <summary>Pipelines, profile and fleet, each well formed, cannot be served together by one host.</summary>
public sealed class HostSetupException : FaultException
{
    internal HostSetupException(IEnumerable<Fault> faults)
        : base("this host", faults)
    {
    }
}
