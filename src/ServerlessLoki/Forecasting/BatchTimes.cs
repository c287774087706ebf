using System.Runtime.InteropServices;

namespace ServerlessLoki.Forecasting;

/// <summary>What some batches took, and how far that varied; sums, so that those of many threads and machines add up.</summary>
/// <param name="ActualUs">What they took, microseconds.</param>
/// <param name="ExpectedUs">What the profile says, microseconds.</param>
/// <param name="Batches">How many they are.</param>
/// <param name="LogUs">Logarithm of actual over expected time, each times its expected time: short batches vary the most and matter least.</param>
/// <param name="SquaredLogUs">The same with the squares of the logarithms.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct BatchTimes(double ActualUs, double ExpectedUs, long Batches, double LogUs, double SquaredLogUs)
{
    /// <summary>A batch that took a hundred times as long, or a hundredth, is as far as one is believed.</summary>
    private const double MostLog = 4.6;

    /// <summary>One batch.</summary>
    /// <param name="actualUs">What it took, microseconds.</param>
    /// <param name="expectedUs">What the profile says, microseconds; above 0.</param>
    public static BatchTimes Of(double actualUs, double expectedUs)
    {
        var log = Math.Clamp(Math.Log(Math.Max(1, actualUs) / expectedUs), -MostLog, MostLog);
        return new BatchTimes(actualUs, expectedUs, 1, log * expectedUs, log * log * expectedUs);
    }

    /// <summary>Both together.</summary>
    /// <param name="other">Other batches.</param>
    public BatchTimes Add(in BatchTimes other) => new(
        ActualUs + other.ActualUs, ExpectedUs + other.ExpectedUs, Batches + other.Batches, LogUs + other.LogUs, SquaredLogUs + other.SquaredLogUs);
}
