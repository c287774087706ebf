namespace ServerlessLoki.Planning.Modelling.Clusters;

/// <summary>One variant at one level for every task, for all queries of a pipeline, in slots that may be fractions.</summary>
/// <param name="Pipeline">Pipeline index.</param>
/// <param name="Accuracy">What it adds to the objective <see cref="Goal.MostAccurate"/>.</param>
/// <param name="Slots">[device] slots that it takes.</param>
/// <param name="Parts">For every task: variant, level, kind of device and slots of it.</param>
internal sealed record PricedChoice(int Pipeline, double Accuracy, double[] Slots, IReadOnlyList<(Candidate Candidate, int Level, int Device, double Slots)> Parts)
{
    /// <summary>Accuracy less the price of its slots.</summary>
    public double Worth(ReadOnlySpan<double> price)
    {
        var worth = Accuracy;
        for (var d = 0; d < price.Length; d++)
            worth -= price[d] * Slots[d];
        return worth;
    }
}
