using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Policies.Vpa;

/// <summary>Settings of <see cref="VpaPolicy"/> (InfAdapter, baselines).</summary>
public sealed record VpaOptions
{
    /// <summary>Fixed variant by task name; a task that is not listed runs the most accurate variant that can answer in time.</summary>
    public ImmutableDictionary<string, string> Variants { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Measured queries per second of one core, by variant (saturation_tp per core). A variant that is not listed counts with the
    /// planned capacity of the whole device per core, which leaves more head-room.</summary>
    public ImmutableDictionary<string, double> QpsPerCore { get; init; } = ImmutableDictionary<string, double>.Empty;

    /// <summary>Percentile of CPU use that cores are provided for, above 0 up to 1. Default 0.9.</summary>
    public double Percentile { get; init; } = 0.9;

    /// <summary>Factor on that CPU use, at least 1. Default 1.15.</summary>
    public double Margin { get; init; } = 1.15;

    /// <summary>Length of the history of arrivals; a minute to a day. Default 10 minutes.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Time between decisions, above 0. Default 30 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Consecutive decisions that must ask for less before cores are removed; at least 0. Default 4.</summary>
    public int ShrinkAfter { get; init; } = 4;

    /// <summary>The options, or the defaults for null.</summary>
    /// <exception cref="ArgumentException">A value is out of bounds; lists all.</exception>
    internal static VpaOptions Checked(VpaOptions? options)
    {
        options ??= new VpaOptions();
        var faults = new List<string>();
        Check(options.Percentile is > 0 and <= 1, "percentile", options.Percentile, "above 0 up to 1");
        Check(options.Margin >= 1 && double.IsFinite(options.Margin), "margin", options.Margin, "at least 1");
        Check(options.Window >= VpaPlanner.FirstLook && options.Window <= TimeSpan.FromDays(1), "window", options.Window, "a minute to a day");
        Check(options.Interval > TimeSpan.Zero, "interval", options.Interval, "above 0");
        Check(options.ShrinkAfter >= 0, "shrinkAfter", options.ShrinkAfter, "at least 0");
        foreach (var (variant, qps) in options.QpsPerCore)
            Check(qps > 0 && double.IsFinite(qps), $"qpsPerCore.{variant}", qps, "above 0");
        return faults.Count == 0 ? options : throw new ArgumentException(string.Join(" ", faults), nameof(options));

        void Check(bool holds, string path, object found, string allowed)
        {
            if (!holds)
                faults.Add($"$.{path}: found {found}; allowed: {allowed}.");
        }
    }
}
