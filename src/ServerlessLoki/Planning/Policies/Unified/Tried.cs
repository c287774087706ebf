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

    /// <summary>Reads a rehearsal.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="result">What became of it.</param>
    /// <param name="missedShare">Share of a pipeline's queries that may miss their deadline.</param>
    public static Tried Of(PlanningProblem problem, Plan plan, SimulationResult result, double missedShare)
    {
        // What the plan sheds is meant to be missed.
        var missed = result.Pipelines.Select((m, p) => Math.Max(0, m.Violation - (1 - plan.ServedShare[p]))).ToArray();
        double served = 0, demand = 0;
        for (var p = 0; p < missed.Length; p++)
        {
            var violated = result.Pipelines[p].Violation;
            demand += problem.Pipelines[p].DemandQps;
            served += problem.Pipelines[p].DemandQps * (violated <= missedShare ? 1 : 1 - violated);
        }

        return new Tried(
            plan, missed, demand > 0 ? served / demand : plan.ServedShare.Average(),
            double.IsNaN(result.Total.EffectiveAccuracy) ? plan.Accuracy : result.Total.EffectiveAccuracy);
    }
}
