namespace ServerlessLoki.Validation;

/// <summary>Options are out of their bounds; lists all such options.</summary>
public sealed class OptionsException : FaultException
{
    /// <summary>Refuses options and lists all their faults.</summary>
    /// <param name="source">Name of the options' owner, for messages.</param>
    /// <param name="faults">Faults found; at least one.</param>
    public OptionsException(string source, IEnumerable<Fault> faults)
        : base(source, faults)
    {
    }
}
