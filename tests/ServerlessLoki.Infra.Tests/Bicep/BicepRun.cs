namespace ServerlessLoki.Infra.Tests.Bicep;

/// <summary>What the compiler answered.</summary>
/// <param name="ExitCode">0 also when it warned.</param>
/// <param name="Diagnostics">All that it printed: errors and warnings, one a line. Empty when it found nothing.</param>
internal sealed record BicepRun(int ExitCode, string Diagnostics)
{
    /// <summary>Whether it found neither an error nor a warning.</summary>
    public bool Clean => ExitCode == 0 && Diagnostics.Length == 0;

    /// <exception cref="InvalidOperationException">It found an error or a warning.</exception>
    public void MustBeClean()
    {
        if (!Clean)
            throw new InvalidOperationException($"the Bicep compiler ended with {ExitCode} and said:\n{Diagnostics}");
    }
}
