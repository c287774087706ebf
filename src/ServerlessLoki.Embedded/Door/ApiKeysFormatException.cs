using ServerlessLoki.Validation;

namespace ServerlessLoki.Embedded.Door;

/// <summary>A file of API keys has faults.</summary>
public sealed class ApiKeysFormatException : FaultException
{
    internal ApiKeysFormatException(string source, IEnumerable<Fault> faults)
        : base(source, faults)
    {
    }
}
