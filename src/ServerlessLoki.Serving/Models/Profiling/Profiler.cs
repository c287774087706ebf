using System.Collections.Immutable;
using ServerlessLoki.Profiles;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Models.Profiling;

/// <summary>Profiler of batch times on this machine.</summary>
/// <remarks>In rounds: one sample of every (variant, batch) per round, so that a noisy moment of the machine hits all alike
/// and no variant looks slow for having been measured in it.</remarks>
public static class Profiler
{
    private const double LeastMs = 0.0001;

    /// <summary>Measures every target at every batch size that it takes. Blocks; runs on the calling thread only.</summary>
    /// <param name="targets">Models, each once per device.</param>
    /// <param name="batches">Batch sizes; those above a model's largest are left out.</param>
    /// <param name="options">Duration and number of measurements.</param>
    /// <param name="time">The clock.</param>
    /// <param name="progress">Receives the progress after each sample; null = none.</param>
    /// <param name="cancellationToken">Stops between two runs.</param>
    /// <returns>Points in the order of targets, then batches ascending.</returns>
    /// <exception cref="ModelException">A model failed.</exception>
    /// <exception cref="OptionsException">Settings are out of bounds; lists all.</exception>
    public static ImmutableArray<ProfileMeasurement> Measure(IReadOnlyList<ProfileTarget> targets, IReadOnlyList<int> batches,
        ProfileOptions options, TimeProvider time, IProgress<ProfileProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        var check = new OptionCheck();
        check.Add(options.Faults());
        check.ThrowIfAny("the profiler");
        var runners = new List<ISampleRunner>();
        try
        {
            var points = Points(targets, batches, runners);
            var start = time.GetTimestamp();
            for (var open = points; open.Count > 0;)
            {
                foreach (var point in open)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var over = options.Total is { } total && time.GetElapsedTime(start) >= total;
                    if (over && !(point.IsSmallest && point.Samples.Count == 0)) point.Done = true;
                    else point.Sample(options, time);
                    progress?.Report(new ProfileProgress(points.Count(p => p.Done), points.Count, point.Target.Variant, point.Batch));
                }
                open = [.. open.Where(p => !p.Done)];
            }
            return [.. points.Where(p => p.Samples.Count > 0).OrderBy(p => p.Order).ThenBy(p => p.Batch).Select(p => p.Measurement(options.Typical))];
        }
        finally
        {
            foreach (var runner in runners) runner.Dispose();
        }
    }

    /// <summary>Makes a profile from the rows of measurements.</summary>
    public static LatencyProfile ToProfile(ImmutableArray<ProfileMeasurement> measurements) => new(measurements.Select(m => m.Row));

    /// <summary>Lists the points, small batches first: where time runs out, every variant has those.</summary>
    private static List<Point> Points(IReadOnlyList<ProfileTarget> targets, IReadOnlyList<int> batches, List<ISampleRunner> runners)
    {
        var points = new List<Point>();
        var sizes = batches.Distinct().Order().ToArray();
        for (var t = 0; t < targets.Count; t++)
        {
            var runner = SampleRows.Of(targets[t].Model);
            runners.Add(runner);
            var first = true;
            foreach (var batch in sizes.Where(b => b >= 1 && b <= runner.MaxBatch))
            {
                points.Add(new Point(targets[t], t, runner, batch, first));
                first = false;
            }
        }
        return [.. points.OrderBy(p => p.Batch).ThenBy(p => p.Order)];
    }

    private sealed class Point(ProfileTarget target, int order, ISampleRunner runner, int batch, bool isSmallest)
    {
        private bool _warm;
        private double _usedMs;

        public ProfileTarget Target { get; } = target;

        public int Order { get; } = order;

        public int Batch { get; } = batch;

        public bool IsSmallest { get; } = isSmallest;

        public List<double> Samples { get; } = [];

        public bool Done { get; set; }

        public void Sample(ProfileOptions options, TimeProvider time)
        {
            if (!_warm)
            {
                for (var i = 0; i < options.WarmUps; i++) runner.Run(Batch);
                _warm = true;
            }
            var start = time.GetTimestamp();
            runner.Run(Batch);
            var ms = Math.Max(LeastMs, time.GetElapsedTime(start).TotalMilliseconds);
            Samples.Add(ms);
            _usedMs += ms;
            Done = Samples.Count >= options.MaxSamples
                || (Samples.Count >= options.MinSamples && _usedMs >= options.PerPoint.TotalMilliseconds);
        }

        public ProfileMeasurement Measurement(double typical)
        {
            Samples.Sort();
            return new ProfileMeasurement(
                new ProfileRow(Target.Variant, Target.Device, Batch, At(typical), At(0.9), At(0.95), At(0.99)), Samples.Count);
        }

        /// <summary>Computes a quantile, linear between the two nearest ranks.</summary>
        private double At(double quantile)
        {
            var rank = quantile * (Samples.Count - 1);
            var low = (int)rank;
            var high = Math.Min(low + 1, Samples.Count - 1);
            return Samples[low] + ((Samples[high] - Samples[low]) * (rank - low));
        }
    }
}
