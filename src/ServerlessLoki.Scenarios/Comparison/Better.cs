namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Which end of a figure is good.</summary>
public enum Better
{
    /// <summary>Neither: it explains.</summary>
    Neither,

    /// <summary>More is better.</summary>
    Higher,

    /// <summary>Less is better.</summary>
    Lower,
}
