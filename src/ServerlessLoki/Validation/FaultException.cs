using System.Collections.Immutable;

namespace ServerlessLoki.Validation;

/// <summary>An input was refused; <see cref="Faults"/> lists everything that is wrong with it.</summary>
public abstract class FaultException : Exception
{
    /// <summary>Refuses <paramref name="source"/>.</summary>
    /// <param name="source">Name of the input for messages, such as a file name.</param>
    /// <param name="faults">Faults found; at least one.</param>
    protected FaultException(string source, IEnumerable<Fault> faults)
        : this(source, faults.ToImmutableArray())
    {
    }

    private FaultException(string source, ImmutableArray<Fault> faults)
        : base($"{source}: {faults.Length} {(faults.Length == 1 ? "fault" : "faults")}\n  " + string.Join("\n  ", faults))
    {
        Input = source;
        Faults = faults;
    }

    /// <summary>Name of the input for messages, such as a file name.</summary>
    public string Input { get; }

    /// <summary>All faults, in the order of the input.</summary>
    public ImmutableArray<Fault> Faults { get; }
}
