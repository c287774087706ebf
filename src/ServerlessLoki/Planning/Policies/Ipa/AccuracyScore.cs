namespace ServerlessLoki.Planning.Policies.Ipa;

/// <summary>How the accuracy of a whole pipeline is scored (IPA, accuracy metrics).</summary>
public enum AccuracyScore
{
    /// <summary>PAS: product of the accuracies along a path, 0..1; in a branching pipeline the mean over leaf results.</summary>
    Product,

    /// <summary>PAS′: sum over tasks of the variant's rank by accuracy, 0..1 each.</summary>
    RankSum,

    /// <summary>Product of those ranks, 0 taken as 0.05: what the artifact's revision runs optimised while they reported PAS
    /// (IPA, accuracy score of its artifact). Only to explain their numbers.</summary>
    RankProduct,
}
