namespace ServerlessLoki.Cli.Load;

/// <summary>Distribution of the gaps between queries.</summary>
internal enum ArrivalKind
{
    /// <summary>Exponential gaps, as from independent users.</summary>
    Poisson,

    /// <summary>Equal gaps.</summary>
    Constant,
}
