using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Routing;

/// <summary>Variant that the plan runs, all its slot groups together; <see cref="RemainingQps"/> falls as routes fill it.</summary>
internal sealed class Deployed
{
    private Deployed(int variant, double accuracy)
    {
        Variant = variant;
        Accuracy = accuracy;
    }

    public int Variant { get; }

    public double Accuracy { get; }

    public double CapacityQps { get; private set; }

    /// <summary>Part of the capacity that routes may fill; the rest is head-room.</summary>
    public double FillQps { get; private set; }

    public int Batch { get; private set; }

    public int Replicas { get; private set; }

    public double LatencyUs { get; private set; }

    public double SingleUs { get; private set; } = double.PositiveInfinity;

    public double RemainingQps { get; private set; }

    /// <summary>Rows per second that the routes send here.</summary>
    public double InflowQps { get; private set; }

    /// <summary>Mean accuracy of the paths that end at this variant, the variant included, weighted by flow and multiplied by the
    /// inflow.</summary>
    public double AccuracyInflow { get; private set; }

    /// <summary>Mean accuracy of the paths that end at this variant, the variant included; the variant's own where no path is
    /// used.</summary>
    public double MeanAccuracy => InflowQps > 0 ? AccuracyInflow / InflowQps : Accuracy;

    /// <summary>Processing time of the slowest used path that ends at this variant, planned batches, microseconds.</summary>
    public double PrefixUs { get; private set; }

    /// <summary>Least processing time below this variant at planned batches, microseconds.</summary>
    public double LeastPlannedBelowUs { get; set; }

    /// <summary>Processing time below this variant on the routes that its children normally take, microseconds.</summary>
    public double RoutedBelowUs { get; set; }

    /// <summary>Longest planned wait, microseconds; null where the plan has no waits.</summary>
    public double? WaitUs { get; private set; }

    /// <summary>Time below this variant on the routes that its children normally take, planned waits included, microseconds.</summary>
    public double ResponseBelowUs { get; set; }

    /// <summary>Adds a flow that arrives on paths of the given mean accuracy and slowest processing time.</summary>
    public void Receive(double qps, double prefixAccuracy, double prefixUs)
    {
        InflowQps += qps;
        RemainingQps -= qps;
        AccuracyInflow += qps * prefixAccuracy * Accuracy;
        PrefixUs = Math.Max(PrefixUs, prefixUs + LatencyUs);
    }

    /// <summary>Removes all flows.</summary>
    public void Reset()
    {
        InflowQps = 0;
        RemainingQps = FillQps;
        AccuracyInflow = 0;
        PrefixUs = LatencyUs;
    }

    /// <summary>Lists the deployed variants of one pipeline by task, most accurate first.</summary>
    public static Deployed[][] Of(PlanningProblem problem, Plan plan, int pipeline)
    {
        var graph = problem.Pipelines[pipeline].Pipeline;
        return [.. graph.Tasks.Select(task => plan.Slots
            .Where(s => s.Pipeline == pipeline && s.Task == task.Index)
            .GroupBy(s => s.Variant)
            .Select(g => From(problem, task, g.Key, g))
            .OrderByDescending(d => d.Accuracy).ThenBy(d => d.Variant).ToArray())];
    }

    private static Deployed From(PlanningProblem problem, PipelineTask task, int variant, IEnumerable<SlotGroup> groups)
    {
        var deployed = new Deployed(variant, groups.Max(g => g.BestAccuracy(task)));
        foreach (var group in groups)
        {
            deployed.CapacityQps += group.CapacityQps;
            deployed.FillQps += Math.Max(1e-9, group.CapacityQps - group.ReserveQps);
            deployed.Replicas += group.Replicas;
            deployed.WaitUs = group.WaitUs is { } wait ? Math.Max(wait, deployed.WaitUs ?? 0) : deployed.WaitUs;
            deployed.Batch = Math.Max(deployed.Batch, group.Batch);
            deployed.LatencyUs = Math.Max(deployed.LatencyUs, group.LatencyUs);
            var profile = problem.Expected(task.Variants[variant].Name, problem.Devices[group.Device].Name);
            deployed.SingleUs = Math.Min(deployed.SingleUs, Single(profile, group));
        }

        deployed.Reset();
        return deployed;
    }

    private static double Single(BatchLatency? profile, SlotGroup group) => profile?.LatencyUs(1) ?? group.LatencyUs;
}
