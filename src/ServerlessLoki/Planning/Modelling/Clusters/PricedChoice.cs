namespace ServerlessLoki.Planning.Modelling.Clusters;

/// <summary>Choice of one variant at one level for every task, for all queries of a pipeline, in slots that may be fractions.</summary>
/// <param name="Pipeline">Pipeline index.</param>
/// <param name="Accuracy">Contribution to the objective <see cref="Goal.MostAccurate"/>.</param>
/// <param name="Slots">Slots that the choice takes, by device type.</param>
/// <param name="Parts">Variant, level, kind of device and its slots, for every task.</param>
internal sealed record PricedChoice(int Pipeline, double Accuracy, double[] Slots, IReadOnlyList<(Candidate Candidate, int Level, int Device, double Slots)> Parts)
{
    /// <summary>Computes the choice's accuracy less the price of its slots.</summary>
    public double Worth(ReadOnlySpan<double> price)
    {
        var worth = Accuracy;
        for (var d = 0; d < price.Length; d++)
            worth -= price[d] * Slots[d];
        return worth;
    }
}
