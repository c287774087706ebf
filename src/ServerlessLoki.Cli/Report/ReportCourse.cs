using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Scenarios.Comparison;
using ServerlessLoki.Simulation;

namespace ServerlessLoki.Cli.Report;

/// <summary>Builder of <see cref="ReportData"/>: time courses are thinned to the resolution of a screen.</summary>
internal static class ReportCourse
{
    /// <summary>Most points of a plot that can be told apart.</summary>
    private const int MostPoints = 600;

    /// <summary>Makes the data of a comparison and its pipelines.</summary>
    public static ReportData Of(ComparisonResult result, ImmutableArray<Pipeline> pipelines)
    {
        var courses = result.Policies.Where(p => p.Timeline is not null).ToArray();
        var seconds = courses.Select(p => p.Timeline!.Seconds.Length).DefaultIfEmpty(0).Max();
        var step = Math.Max(1, (seconds + MostPoints - 1) / MostPoints);
        var cost = courses.Any(p => p[ComparisonMetrics.CostPerHour].Mean > 0);
        var size = cost ? ComparisonMetrics.CostPerHour : ComparisonMetrics.ServersMean;
        return new ReportData(
            seconds,
            step,
            courses.Length == 0 ? [] : Thin(courses[0].Timeline!.Seconds, step, bin => bin.Average(s => s.Arrivals)),
            [.. pipelines.Select(p => new ReportSlo(pipelines.Length > 1 ? p.Name : "", p.SloUs / 1000.0))],
            pipelines.Sum(p => p.Tasks.Length) > 1,
            size.Title,
            result.Bound is { } bound ? Bound(bound, step, size) : null,
            [.. courses.Select(p => Policy(p, pipelines, step, size))]);
    }

    private static ReportBound Bound(ComparisonBound bound, int step, ComparisonMetric size) => new(
        1 - bound[ComparisonMetrics.Attainment].Mean,
        bound[ComparisonMetrics.Accuracy].Mean,
        bound[size].Mean,
        Thin(bound.Seconds, step, bin => bin.Average(s => s.Served)),
        Thin(bound.Seconds, step, bin => bin.Sum(s => s.Served * (double.IsNaN(s.Accuracy) ? 0 : s.Accuracy)) / bin.Sum(s => s.Served)),
        Thin(bound.Seconds, step, bin => bin.Average(s => s.Slots)));

    private static ReportPolicy Policy(PolicyComparison policy, ImmutableArray<Pipeline> pipelines, int step, ComparisonMetric size)
    {
        var course = policy.Timeline!;
        var (violation, accuracy) = (policy[ComparisonMetrics.Violation], policy[ComparisonMetrics.Accuracy]);
        return new ReportPolicy(
            policy.Label,
            violation.Mean,
            violation.Confidence95,
            accuracy.Mean,
            accuracy.Confidence95,
            policy[size].Mean,
            Thin(course.Seconds, step, bin => bin.Average(s => s.OnTime)),
            Thin(course.Seconds, step, bin => bin.Sum(s => s.AccuracySum) / bin.Sum(s => s.OnTime)),
            Thin(course.Seconds, step, Worst),
            Thin(course.Seconds, step, bin => bin.Average(s => s.Servers)),
            [.. course.Variants.OrderBy(v => (v.Pipeline, v.Task, v.Accuracy)).Select(v => Variant(v, pipelines, step))],
            [.. course.Changes.Select(c => c.InForceUs * 1e-6)]);
    }

    private static ReportVariant Variant(VariantServers variant, ImmutableArray<Pipeline> pipelines, int step)
    {
        var task = pipelines[variant.Pipeline].Tasks[variant.Task];
        var name = pipelines.Length > 1 ? $"{pipelines[variant.Pipeline].Name}/{task.Name}" : task.Name;
        var before = pipelines.Take(variant.Pipeline).Sum(p => p.Tasks.Length);
        return new ReportVariant(
            name, before + variant.Task, variant.Name, task.Variants.Count(v => v.Accuracy < variant.Accuracy), task.Variants.Length, Thin(variant.Slots, step, bin => bin.Average()));
    }

    // The worst second of a bin is what a reader looks for; a mean would hide it.
    private static double Worst(ArraySegment<SecondSample> bin)
    {
        var worst = double.NaN;
        foreach (var second in bin)
            worst = float.IsNaN(second.P99Us) ? worst : Math.Max(second.P99Us / 1000, double.IsNaN(worst) ? 0 : worst);
        return worst;
    }

    private static ImmutableArray<double> Thin<T>(ImmutableArray<T> values, int step, Func<ArraySegment<T>, double> read)
    {
        var all = values.ToArray();
        return [.. Enumerable.Range(0, (all.Length + step - 1) / step).Select(i => read(new ArraySegment<T>(all, i * step, Math.Min(step, all.Length - (i * step)))))];
    }
}
