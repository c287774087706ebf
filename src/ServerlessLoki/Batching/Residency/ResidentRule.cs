namespace ServerlessLoki.Batching.Residency;

/// <summary>How the slack of the most urgent query decides what a slot that holds several variants runs.</summary>
internal enum ResidentRule
{
    /// <summary>SuperServe's, see <see cref="SlackFitBuckets"/>.</summary>
    SlackFit,

    /// <summary>Its baseline MaxAcc: the most accurate variant that ends in time, then the largest batch with which it still does.</summary>
    MaxAccuracy,

    /// <summary>Its baseline MaxBatch: the largest batch that ends in time, then the most accurate variant with which it still does.</summary>
    MaxBatch,
}
