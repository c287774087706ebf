namespace ServerlessLoki.Cli.Checking;

/// <summary>Result of the check of one model.</summary>
/// <param name="Model">Model name.</param>
/// <param name="Kind"><c>pipeline</c> or <c>variant</c>.</param>
/// <param name="Same">Rows that got the same answer together as alone.</param>
/// <param name="Different">Rows that got another answer together than alone.</param>
/// <param name="Unlike">Rows that other variants answered together than alone, so that there is nothing to compare.</param>
/// <param name="Refused">Rows that the busy server refused in all attempts.</param>
/// <param name="Example">The first difference, in words; null without one.</param>
internal sealed record CheckReport(string Model, string Kind, int Same, int Different, int Unlike, int Refused, string? Example)
{
    /// <summary>True if rows were compared and none differed.</summary>
    public bool Passed => Same > 0 && Different == 0;
}
