namespace ServerlessLoki.Planning.Policies.CoarseGrained;

/// <summary>How many copies of the whole pipeline run (InferLine, baselines).</summary>
public enum CoarseGrainedRule
{
    /// <summary>For the sample's mean rate; never changed.</summary>
    Mean,

    /// <summary>For the sample's largest rate in any window as long as the objective; never changed.</summary>
    Peak,

    /// <summary>As <see cref="Mean"/>, then AutoScale: up at once with the rate seen, down when a copy was not needed for a fixed wait.</summary>
    AutoScale,
}
