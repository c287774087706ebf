namespace ServerlessLoki.Planning.Policies.Ipa;

/// <summary>Score of the accuracy of a whole pipeline (IPA, accuracy metrics).</summary>
public enum AccuracyScore
{
    /// <summary>PAS: product of the accuracies along a path, 0..1; in a branching pipeline the mean over leaf results.</summary>
    Product,

    /// <summary>PAS′: sum over tasks of the variant's rank by accuracy, 0..1 each.</summary>
    RankSum,

    /// <summary>Product of the ranks, with 0 raised to 0.05. The artifact's revision optimised this score and reported PAS (IPA, accuracy
    /// score of its artifact). Only to explain its numbers.</summary>
    RankProduct,
}
