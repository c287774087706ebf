using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>A scenario was refused; lists every fault.</summary>
public sealed class ScenarioFormatException : FaultException
{
    internal ScenarioFormatException(string source, IEnumerable<Fault> faults)
        : base(source, faults)
    {
    }

    /// <summary>Makes a refusal for one fault.</summary>
    internal ScenarioFormatException(string path, string message, string? found, string allowed)
        : this(path, [new Fault(path, message, found, allowed)])
    {
    }
}
