namespace ServerlessLoki.Planning.Policies.Ipa;

/// <summary>Constants of <see cref="IpaPolicy"/> (IPA, limits and objective).</summary>
public sealed record IpaOptions
{
    /// <summary>α: what a score of 1 is worth; at least 0. Default 10 (the balanced setting of the published runs).</summary>
    public double AccuracyWeight { get; init; } = 10;

    /// <summary>β: cost of a core; at least 0. Default 0.5.</summary>
    public double CoreWeight { get; init; } = 0.5;

    /// <summary>δ: cost of a unit of batch size, a tie-break; at least 0. Default 1e-6.</summary>
    public double BatchWeight { get; init; } = 1e-6;

    /// <summary>How accuracy is scored. Default <see cref="AccuracyScore.Product"/>.</summary>
    public AccuracyScore Score { get; init; } = AccuracyScore.Product;

    /// <summary>Most replicas of a task; at least 1. Default 100.</summary>
    public int MaxReplicas { get; init; } = 100;

    /// <summary>The options, or the defaults for null.</summary>
    /// <exception cref="ArgumentException">A weight is below 0 or the replica limit below 1.</exception>
    internal static IpaOptions Checked(IpaOptions? options)
    {
        options ??= new IpaOptions();
        double[] weights = [options.AccuracyWeight, options.CoreWeight, options.BatchWeight];
        if (Array.Exists(weights, w => !(w >= 0)) || options.MaxReplicas < 1)
        {
            throw new ArgumentException(
                $"$.accuracyWeight, $.coreWeight, $.batchWeight: found {string.Join(", ", weights)}; allowed: at least 0. $.maxReplicas: found {options.MaxReplicas}; allowed: at least 1.",
                nameof(options));
        }

        return options;
    }
}
