using System.Collections.Immutable;
using ServerlessLoki.Simulation;

namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Plan with the result of its rehearsal.</summary>
/// <param name="Plan">Plan that was rehearsed.</param>
/// <param name="Missed">[pipeline] share of queries that missed their deadline although the plan serves them.</param>
/// <param name="Served">Share of all demand that was answered in time, 0..1; 1 where each pipeline missed no more than it may.</param>
/// <param name="Accuracy">Mean accuracy of the queries answered in time, 0..1.</param>
internal sealed record Tried(Plan Plan, double[] Missed, double Served, double Accuracy)
{
    /// <summary>Name of the policy that made the plan; null = the unified policy itself.</summary>
    public string? Origin { get; init; }

    /// <summary>True if the plan was found by one search of all levels of all variants, not of a part of them.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Largest value of <see cref="Missed"/>.</summary>
    public double Worst { get; } = Missed.Max();

    /// <summary>Reads a rehearsal: the mean over its seeds.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="results">What became of it under each seed.</param>
    /// <param name="missedShare">Share of a pipeline's queries that may miss their deadline.</param>
    public static Tried Of(PlanningProblem problem, Plan plan, ImmutableArray<SimulationResult> results, double missedShare)
    {
        // What the plan sheds is meant to be missed.
        var violations = problem.Pipelines.Select((_, p) => results.Average(r => r.Pipelines[p].Violation)).ToArray();
        var missed = violations.Select((v, p) => Math.Max(0, v - (1 - plan.ServedShare[p]))).ToArray();
        var accuracies = results.Select(r => r.Total.EffectiveAccuracy).Where(a => !double.IsNaN(a)).ToList();
        double served = 0, demand = 0;
        for (var p = 0; p < missed.Length; p++)
        {
            var violated = violations[p];
            demand += problem.Pipelines[p].DemandQps;
            served += problem.Pipelines[p].DemandQps * (violated <= missedShare ? 1 : 1 - violated);
        }

        return new Tried(
            plan, missed, demand > 0 ? served / demand : plan.ServedShare.Average(),
            accuracies.Count == 0 ? plan.Accuracy : accuracies.Average());
    }
}
