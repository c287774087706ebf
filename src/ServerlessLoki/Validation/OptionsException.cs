namespace ServerlessLoki.Validation;

/// <summary>Options are out of their bounds; lists all that are.</summary>
public sealed class OptionsException : FaultException
{
    /// <summary>Refuses options.</summary>
    /// <param name="source">What the options are of, for people.</param>
    /// <param name="faults">At least one.</param>
    public OptionsException(string source, IEnumerable<Fault> faults)
        : base(source, faults)
    {
    }
}
