namespace ServerlessLoki.Cli.Output;

/// <summary>Exit codes of every command.</summary>
internal static class ExitCodes
{
    /// <summary>The command succeeded.</summary>
    public const int Ok = 0;

    /// <summary>The command was tried and failed, or a promise was not held.</summary>
    public const int Failed = 1;

    /// <summary>Bad usage or bad input; nothing was done.</summary>
    public const int BadInput = 2;
}
