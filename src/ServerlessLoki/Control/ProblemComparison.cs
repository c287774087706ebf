using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Control;

/// <summary>Comparison of planning problems. A policy is a function of its problem: where it gave the plan in force and left its own state
/// unchanged, the same problem gives the same answer again.</summary>
internal static class ProblemComparison
{
    /// <summary>Relative change of demand that does not matter.</summary>
    public const double SteadyDrift = 0.02;

    /// <summary>Change of demand that never matters, queries per second: forecasts of an idle pipeline fall towards zero for minutes.</summary>
    public const double NothingQps = 0.01;

    /// <summary>True if a demand is still the one that was planned for.</summary>
    public static bool IsSteady(double nowQps, double plannedQps) => Math.Abs(nowQps - plannedQps) <= Math.Max(SteadyDrift * plannedQps, NothingQps);

    /// <summary>True if both problems get the same answer. <see cref="PlanningProblem.Previous"/> is not compared.</summary>
    public static bool HaveSameAnswer(PlanningProblem before, PlanningProblem now) =>
        HasNoArrivals(before) && HasNoArrivals(now)
        && before.Headroom == now.Headroom && before.ServiceSpread == now.ServiceSpread && before.LoadTime == now.LoadTime && before.HopTime == now.HopTime && before.Options == now.Options && ReferenceEquals(before.Cores, now.Cores)
        && before.Devices.SequenceEqual(now.Devices)
        && before.Pipelines.Length == now.Pipelines.Length && before.Pipelines.Zip(now.Pipelines).All(p => AreSame(p.First, p.Second))
        && AreSame(before.Profile, now.Profile);

    private static bool HasNoArrivals(PlanningProblem problem) => problem.Recent is not { Arrivals.IsEmpty: false };

    private static bool AreSame(PipelineDemand before, PipelineDemand now) =>
        ReferenceEquals(before.Pipeline, now.Pipeline) && IsSteady(now.DemandQps, before.DemandQps) && AreSame(before.Pipeline, before.FanOut, now.FanOut);

    private static bool AreSame(Pipeline pipeline, FanOut before, FanOut now) => ReferenceEquals(before, now)
        || pipeline.Edges.All(e => pipeline.Tasks[e.From].Variants.All(
            v => before[e.Index, v.Index] == now[e.Index, v.Index] && before.Variance(e.Index, v.Index) == now.Variance(e.Index, v.Index)));

    private static bool AreSame(LatencyProfile before, LatencyProfile now) => ReferenceEquals(before, now) || before.Rows.SequenceEqual(now.Rows);
}
