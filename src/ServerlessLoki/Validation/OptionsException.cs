namespace ServerlessLoki.Validation;

/// <summary>Options are out of their bounds; lists all that are.</summary>
public sealed class OptionsException : FaultException
{
    internal OptionsException(string source, IEnumerable<Fault> faults)
        : base(source, faults)
    {
    }
}
