namespace ServerlessLoki.Cli.Load;

/// <summary>How the gaps between queries are drawn.</summary>
internal enum ArrivalKind
{
    /// <summary>Independent users: exponential gaps.</summary>
    Poisson,

    /// <summary>A metronome: equal gaps.</summary>
    Constant,
}
