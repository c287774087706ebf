namespace ServerlessLoki.Cli.Output;

/// <summary>The user's input cannot be used; exit code 2. Lists everything that is wrong.</summary>
internal sealed class BadInputException(IReadOnlyList<string> faults)
    : Exception(string.Join(Environment.NewLine, faults))
{
    /// <summary>Makes the exception for one fault.</summary>
    public BadInputException(string fault)
        : this([fault])
    {
    }

    /// <summary>Faults, one line each.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}
