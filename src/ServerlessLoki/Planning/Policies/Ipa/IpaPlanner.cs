using ServerlessLoki.Planning.Modelling;

namespace ServerlessLoki.Planning.Policies.Ipa;

/// <summary>One planning of <see cref="IpaPolicy"/> or a baseline of it: solve, or find the largest share that fits, then build the
/// plan.</summary>
internal sealed class IpaPlanner
{
    /// <summary>Resolution of served shares: a share that is found is at most this much below the best one.</summary>
    private const double ShareStep = 1e-4;

    private readonly PlanningProblem _problem;
    private readonly string _policy;
    private readonly int _device;
    private readonly IpaSearch _search;

    public IpaPlanner(PlanningProblem problem, IpaOptions options, IpaPins pins, string policy, CancellationToken cancellationToken)
    {
        _problem = problem;
        _policy = policy;
        _device = DeviceOf(problem);
        _search = new IpaSearch(problem, _device, options, pins, cancellationToken);
    }

    /// <summary>Returns the index of the device type that has slots; 0 where none has.</summary>
    public static int DeviceOf(PlanningProblem problem) => Math.Max(0, problem.Devices.ToList().FindIndex(d => d.Slots > 0));

    public Plan Plan()
    {
        // With no load a pipeline needs one replica per task; what does not fit then is never served.
        var pipelines = Enumerable.Range(0, _problem.Pipelines.Length).Where(p => _search.Fits([p], 0)).ToList();
        var late = Enumerable.Range(0, _problem.Pipelines.Length).Except(pipelines).ToList();
        if (pipelines.Count > 0 && _search.Solve(pipelines, 1) is { } all)
            return Assemble(pipelines, all, 1, late, late.Count > 0);
        while (pipelines.Count > 0 && !_search.Fits(pipelines, 0))
        {
            var longest = pipelines.MaxBy(p => _problem.Pipelines[p].Pipeline.Tasks.Length);
            pipelines.Remove(longest);
        }

        var share = LargestShare(pipelines);
        return Assemble(pipelines, pipelines.Count == 0 ? [] : _search.Solve(pipelines, share) ?? [], share, late, overload: true);
    }

    // "Serve most, then most accurate": the share is the same for all pipelines.
    private double LargestShare(List<int> pipelines)
    {
        if (pipelines.Count == 0 || _search.Fits(pipelines, 1))
            return 1;
        var (fits, tooMuch) = (0.0, 1.0);
        while (tooMuch - fits > ShareStep * Math.Max(fits, ShareStep))
        {
            var middle = (fits + tooMuch) / 2;
            if (_search.Fits(pipelines, middle))
                fits = middle;
            else
                tooMuch = middle;
        }

        return fits;
    }

    private Plan Assemble(List<int> pipelines, IpaNode[] nodes, double share, List<int> late, bool overload)
    {
        var groups = new List<SlotGroup>();
        var flows = new List<PathFlow>();
        var served = new double[_problem.Pipelines.Length];
        var accuracy = new double[served.Length];
        var slowestUs = new double[served.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            var p = pipelines[i];
            var choices = new IpaChoice[_problem.Pipelines[p].Pipeline.Tasks.Length];
            nodes[i].Read(choices);
            (served[p], slowestUs[p]) = (share, nodes[i].Value.TimeUs);
            groups.AddRange(Groups(p, choices, share));
            flows.AddRange(Flows(p, choices, share));
            var weights = LeafWeights.Of(_problem.Pipelines[p]);
            accuracy[p] = flows.Where(f => f.Pipeline == p).Sum(f => weights[f.Steps[^1].Task] * f.Accuracy);
        }

        if (_problem.Options.FillLeftover)
            LeftoverSlots.Fill(_problem, groups);
        var demand = PipelineWeights.Of(_problem);
        var weight = served.Zip(demand).Sum(x => x.First * x.Second);
        var objective = nodes.Sum(n => _search.Objective(n.Value));
        return new Plan
        {
            Version = (_problem.Previous?.Version ?? 0) + 1,
            Policy = _policy,
            Slots = [.. groups],
            Flows = [.. flows],
            ServedShare = [.. served],
            Accuracy = weight > 0 ? accuracy.Select((a, p) => a * served[p] * demand[p]).Sum() / weight : 0,
            CostPerHour = groups.Sum(g => g.SlotsTaken) * _problem.Devices[_device].PricePerHour,
            DemandQps = [.. _problem.Pipelines.Select(p => p.DemandQps)],
            PredictedP99Us = [.. slowestUs],
            Proof = new PlanProof(objective, objective, "optimal", 0, overload ? "overload" : "accuracy"),
            Why = [.. Why(groups, served, slowestUs, late, overload)],
        };
    }

    private IEnumerable<SlotGroup> Groups(int pipeline, IpaChoice[] choices, double share)
    {
        var demand = _problem.Pipelines[pipeline];
        var device = _problem.Devices[_device];
        var load = new double[choices.Length];
        load[0] = demand.DemandQps * share;
        foreach (var task in demand.Pipeline.Tasks)
        {
            var choice = choices[task.Index];
            foreach (var edge in task.Outgoing)
                load[edge.To] = load[task.Index] * demand.FanOut[edge.Index, choice.Variant] * _problem.Options.FanOutHeadroom;
            var name = task.Variants[choice.Variant].Name;
            var latency = _problem.Profile.Find(name, device.Name)!;
            var qps = choice.Replicas * device.SlotShare * latency.ThroughputQps(choice.Batch);
            yield return new SlotGroup(
                pipeline, task.Index, choice.Variant, _device, choice.Batch, choice.Replicas, qps, load[task.Index], latency.LatencyUs(choice.Batch))
            {
                Cores = _problem.Cores?.CoresPerReplica.TryGetValue(name, out var cores) == true ? cores : null,
            };
        }
    }

    private IEnumerable<PathFlow> Flows(int pipeline, IpaChoice[] choices, double share)
    {
        var demand = _problem.Pipelines[pipeline];
        foreach (var leaf in demand.Pipeline.Tasks.Where(t => t.IsLeaf))
        {
            var path = new List<PathStep>();
            var accuracy = 1.0;
            for (var task = leaf; ; task = demand.Pipeline.Tasks[task.Incoming[0].From])
            {
                path.Insert(0, new PathStep(task.Index, choices[task.Index].Variant));
                accuracy *= task.Variants[choices[task.Index].Variant].Accuracy;
                if (task.Incoming.IsEmpty)
                    break;
            }

            yield return new PathFlow(pipeline, [.. path], demand.DemandQps * share, accuracy);
        }
    }

    private IEnumerable<string> Why(List<SlotGroup> groups, double[] served, double[] slowestUs, List<int> late, bool overload)
    {
        yield return overload
            ? $"Demand {Explain.Demand(_problem)} exceeds what {Explain.Slots(_problem)} can serve within the objectives: as much of it as fits, then the best of accuracy against cores."
            : $"Demand {Explain.Demand(_problem)} on {Explain.Count(groups.Sum(g => g.SlotsTaken), "core")} of {Explain.Slots(_problem)}: no choice of variants, batches and replicas is worth more, accuracy against cores.";
        for (var p = 0; p < served.Length; p++)
        {
            var graph = _problem.Pipelines[p].Pipeline;
            var runs = groups.Where(g => g.Pipeline == p)
                .Select(g => $"{graph.Tasks[g.Task].Variants[g.Variant].Name} x {g.Replicas} (batch {g.Batch})").ToList();
            if (runs.Count > 0)
                yield return $"{graph.Name}: {100 * served[p]:0.#} % served by {string.Join(" → ", runs)}; p99 without queueing {slowestUs[p] / 1000:0.#} ms of {graph.SloUs / 1000.0:0.#} ms.";
            else
                yield return late.Contains(p)
                    ? $"{graph.Name} cannot be served: no choice of variants ends within {graph.SloUs / 1000.0:0.#} ms on {Explain.Slots(_problem)}; all of it is shed."
                    : $"{graph.Name} finds no slots beside the others; all of it is shed.";
        }
    }
}
