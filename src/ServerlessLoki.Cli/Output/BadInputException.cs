namespace ServerlessLoki.Cli.Output;

/// <summary>What the user gave cannot be used; exit code 2. Lists everything that is wrong, not only the first thing.</summary>
internal sealed class BadInputException(IReadOnlyList<string> faults)
    : Exception(string.Join(Environment.NewLine, faults))
{
    /// <summary>One fault.</summary>
    public BadInputException(string fault)
        : this([fault])
    {
    }

    /// <summary>One line each.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}
