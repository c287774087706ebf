using ServerlessLoki.Validation;

namespace ServerlessLoki.Profiles;

/// <summary>A profile was refused; lists every fault.</summary>
public sealed class ProfileFormatException : FaultException
{
    internal ProfileFormatException(string source, IEnumerable<Fault> faults)
        : base(source, faults)
    {
    }
}
