using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>A scenario was refused; lists every fault.</summary>
public sealed class ScenarioFormatException : FaultException
{
    internal ScenarioFormatException(string source, IEnumerable<Fault> faults)
        : base(source, faults)
    {
    }
}
