namespace ServerlessLoki.Planning.Policies.Ipa;

/// <summary>Constants of <see cref="IpaPolicy"/> (IPA, limits and objective).</summary>
public sealed record IpaOptions
{
    /// <summary>Weight α of a score of 1; at least 0. Default 10 (the balanced setting of the published runs).</summary>
    public double AccuracyWeight { get; init; } = 10;

    /// <summary>Cost β of a core; at least 0. Default 0.5.</summary>
    public double CoreWeight { get; init; } = 0.5;

    /// <summary>Cost δ of a unit of batch size, a tie-break; at least 0. Default 1e-6.</summary>
    public double BatchWeight { get; init; } = 1e-6;

    /// <summary>Score of the accuracy. Default <see cref="AccuracyScore.Product"/>.</summary>
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
