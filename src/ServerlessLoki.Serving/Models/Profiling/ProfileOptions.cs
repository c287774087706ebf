using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Models.Profiling;

/// <summary>Duration and number of <see cref="Profiler"/>'s measurements.</summary>
public sealed record ProfileOptions
{
    /// <summary>Measured time per (variant, batch) after which the point is complete, if it has <see cref="MinSamples"/>. Default 1 s; at
    /// least 0.</summary>
    public TimeSpan PerPoint { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time limit for everything, warm-up included, at least 0; null = none. When it is over, points without a sample are left
    /// out, except each variant's smallest batch.</summary>
    public TimeSpan? Total { get; init; }

    /// <summary>Fewest samples per point. Default 10; at least 1.</summary>
    public int MinSamples { get; init; } = 10;

    /// <summary>Most samples per point. Default 500; at least <see cref="MinSamples"/>.</summary>
    public int MaxSamples { get; init; } = 500;

    /// <summary>Runs per point before the first sample. Default 2; at least 0.</summary>
    public int WarmUps { get; init; } = 2;

    /// <summary>Quantile of the samples that counts as the typical time (<see cref="Profiles.ProfileRow.P50Ms"/>), above 0 and below 1.
    /// Default 0.5, the median. Other work on the machine only adds time, so of few samples a low one is nearer to the truth.</summary>
    public double Typical { get; init; } = 0.5;

    /// <summary>Lists all options that are out of bounds.</summary>
    public IReadOnlyList<Fault> Faults()
    {
        var check = new OptionCheck();
        check.AtLeast(PerPoint, TimeSpan.Zero);
        check.Within(Total, TimeSpan.Zero, TimeSpan.MaxValue);
        check.AtLeast(MinSamples, 1);
        check.Require(MaxSamples >= MinSamples, MaxSamples, $"MinSamples ({MinSamples}) or more", nameof(MaxSamples));
        check.AtLeast(WarmUps, 0);
        check.Require(Typical is > 0 and < 1, Typical, "above 0 and below 1", nameof(Typical));
        return check.Faults;
    }

    /// <summary>Options for a first start: about a second in all, few samples.</summary>
    public static ProfileOptions Quick { get; } = new()
    {
        PerPoint = TimeSpan.FromMilliseconds(20),
        Total = TimeSpan.FromSeconds(1),
        MinSamples = 3,
        MaxSamples = 20,
        WarmUps = 1,
        Typical = 0.2,
    };
}
