namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Direction in which a figure is better.</summary>
public enum Better
{
    /// <summary>No direction: the figure only explains.</summary>
    Neither,

    /// <summary>Higher values are better.</summary>
    Higher,

    /// <summary>Lower values are better.</summary>
    Lower,
}
