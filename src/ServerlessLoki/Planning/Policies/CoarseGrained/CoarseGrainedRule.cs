namespace ServerlessLoki.Planning.Policies.CoarseGrained;

/// <summary>Rule for the number of copies of the whole pipeline (InferLine, baselines).</summary>
public enum CoarseGrainedRule
{
    /// <summary>Copies for the sample's mean rate; never changed.</summary>
    Mean,

    /// <summary>Copies for the sample's largest rate in any window as long as the objective; never changed.</summary>
    Peak,

    /// <summary>Copies for the mean rate at first, then AutoScale: up at once with the rate seen, down when a copy was not needed for a
    /// fixed wait.</summary>
    AutoScale,
}
