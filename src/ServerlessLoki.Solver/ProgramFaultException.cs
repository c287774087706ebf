namespace ServerlessLoki.Solver;

/// <summary>A mixed-integer program cannot be built. <see cref="Faults"/> lists every reason.</summary>
public sealed class ProgramFaultException : ArgumentException
{
    internal ProgramFaultException(IReadOnlyList<string> faults)
        : base("The program has faults:\n" + string.Join('\n', faults)) => Faults = faults;

    /// <summary>Faults, one line each: where, found, allowed.</summary>
    public IReadOnlyList<string> Faults { get; }
}
