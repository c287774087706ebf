namespace ServerlessLoki.Cli.Load;

/// <summary>Outcomes that have no HTTP status.</summary>
internal static class LoadStatus
{
    /// <summary>No answer within the client's patience.</summary>
    public const int TimedOut = -1;

    /// <summary>The connection failed.</summary>
    public const int NoConnection = -2;

    /// <summary>The query was not sent, because too many were in flight.</summary>
    public const int NotSent = -3;

    /// <summary>Returns the name for texts and JSON.</summary>
    public static string Name(int status) => status switch
    {
        TimedOut => "timeout",
        NoConnection => "no-connection",
        NotSent => "not-sent",
        _ => status.ToString(),
    };
}
