using ServerlessLoki.Planning.Modelling;

namespace ServerlessLoki.Planning.Policies.InfAdapter;

/// <summary>Builds plans of InfAdapter and its baselines: from cores by variant to slots, flows and sentences.</summary>
internal sealed class InfAdapterAssembler
{
    // A pipeline without demand still gets the best variant that a hair of demand would.
    private const double LeastQps = 1e-6;

    private readonly PlanningProblem _problem;
    private readonly int _device;
    private readonly InfAdapterVariant[][] _variants;
    private readonly string _policy;

    /// <summary>Prepares the assembly.</summary>
    /// <param name="problem">Single-task pipelines.</param>
    /// <param name="device">Index of the device type that everything runs on.</param>
    /// <param name="variants">Variants of each pipeline, in the order of the decisions.</param>
    /// <param name="policy">Name of the policy.</param>
    public InfAdapterAssembler(PlanningProblem problem, int device, InfAdapterVariant[][] variants, string policy)
    {
        _problem = problem;
        _device = device;
        _variants = variants;
        _policy = policy;
    }

    /// <summary>Returns the demand λ, raised above 0.</summary>
    public static double DemandQps(PipelineDemand demand) => Math.Max(demand.DemandQps, LeastQps);

    /// <summary>Builds the plan.</summary>
    /// <param name="objective">Value that the policy maximised.</param>
    /// <param name="chosen">Decision for each pipeline; null = not served.</param>
    /// <param name="reason">First sentence of the explanation; null = InfAdapter's.</param>
    public Plan Assemble(double objective, InfAdapterDecision?[] chosen, string? reason = null)
    {
        var groups = new List<SlotGroup>();
        var flows = new List<PathFlow>();
        var served = new double[chosen.Length];
        for (var p = 0; p < chosen.Length; p++)
        {
            if (chosen[p] is not { } decision)
                continue;
            served[p] = decision.ServedQps >= DemandQps(_problem.Pipelines[p]) * (1 - 1e-9) ? 1 : decision.ServedQps / DemandQps(_problem.Pipelines[p]);
            var rest = _problem.Pipelines[p].DemandQps * served[p];
            foreach (var (variant, cores) in _variants[p].Zip(decision.CoresByVariant()).Where(x => x.Second > 0))
            {
                var qps = Math.Min(rest, variant.CapacityQps[cores]);
                rest -= qps;
                groups.Add(Group(p, variant, cores, qps));
                flows.Add(new PathFlow(p, [new PathStep(0, variant.Index)], qps, variant.Accuracy));
            }
        }

        if (_problem.Options.FillLeftover)
            LeftoverSlots.Fill(_problem, groups);
        var overload = served.Any(s => s < 1);
        var weights = PipelineWeights.Of(_problem);
        var weight = served.Zip(weights).Sum(x => x.First * x.Second);
        return new Plan
        {
            Version = (_problem.Previous?.Version ?? 0) + 1,
            Policy = _policy,
            Slots = [.. groups],
            Flows = [.. flows],
            ServedShare = [.. served],
            Accuracy = weight > 0 ? chosen.Zip(weights).Sum(x => (x.First?.Accuracy ?? 0) * x.Second) / weight : 0,
            CostPerHour = groups.Sum(g => g.SlotsTaken) * _problem.Devices[_device].PricePerHour,
            DemandQps = [.. _problem.Pipelines.Select(p => p.DemandQps)],
            PredictedP99Us = [.. Enumerable.Range(0, served.Length).Select(p => PredictedUs(p, groups))],
            Proof = new PlanProof(objective, objective, "optimal", 0, overload ? "overload" : "accuracy"),
            Why = [.. Why(groups, served, overload, reason)],
        };
    }

    private SlotGroup Group(int pipeline, InfAdapterVariant variant, int cores, double qps)
    {
        var latencyUs = _problem.Profile.Find(variant.Name, _problem.Devices[_device].Name)!.LatencyUs(1);
        var capacity = variant.CapacityQps[cores] / _problem.Options.Utilization;
        return new SlotGroup(pipeline, 0, variant.Index, _device, 1, variant.Resizes ? 1 : cores, capacity, qps, latencyUs)
        {
            Cores = variant.Resizes ? cores : null,
        };
    }

    // A capacity table promises the objective; single slots are planned for equal queueing.
    private double PredictedUs(int pipeline, List<SlotGroup> groups)
    {
        var own = groups.Where(g => g.Pipeline == pipeline).ToList();
        return own.Exists(g => g.Cores is not null) ? _problem.Pipelines[pipeline].Pipeline.SloUs : own.Select(g => g.ResponseUs).DefaultIfEmpty(0).Max();
    }

    private IEnumerable<string> Why(List<SlotGroup> groups, double[] served, bool overload, string? reason)
    {
        yield return reason ?? (overload
            ? $"Demand {Explain.Demand(_problem)} exceeds what any set of variants can serve on {Explain.Slots(_problem)}: serve most, then most accurate."
            : $"Demand {Explain.Demand(_problem)} is covered by {Explain.Count(groups.Sum(g => g.SlotsTaken), "core")} of {Explain.Slots(_problem)}: no set of variants is worth more, accuracy against cores against loading.");
        for (var p = 0; p < served.Length; p++)
        {
            var graph = _problem.Pipelines[p].Pipeline;
            var runs = groups.Where(g => g.Pipeline == p).Select(g => $"{graph.Root.Variants[g.Variant].Name} with {Explain.Count(g.SlotsTaken, "core")} ({g.LoadQps:0.#} q/s)");
            yield return _variants[p].Length > 0
                ? $"{graph.Name}: {100 * served[p]:0.#} % served by {string.Join(", ", runs)}."
                : $"{graph.Name} cannot be served: no profiled variant answers a single row within {100 * _problem.Options.ProcessingShare:0} % of {graph.SloUs / 1000.0:0.#} ms; all of it is shed.";
        }
    }
}
