namespace ServerlessLoki.Solver;

/// <summary>A mixed-integer program that cannot be built. <see cref="Faults"/> lists every reason.</summary>
public sealed class ProgramFaultException : ArgumentException
{
    internal ProgramFaultException(IReadOnlyList<string> faults)
        : base("The program has faults:\n" + string.Join('\n', faults)) => Faults = faults;

    /// <summary>One line per fault: where, what was found, what is allowed.</summary>
    public IReadOnlyList<string> Faults { get; }
}
