using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Policies.Proteus;

/// <summary>One planning of <see cref="ProteusPolicy"/>: the ladder of head-rooms, then overload.</summary>
internal sealed class ProteusSearch
{
    private readonly PlanningProblem _problem;
    private readonly ProteusOptions _options;
    private readonly ISolver _solver;
    private readonly SolveOptions _limits;
    private readonly CancellationToken _cancellationToken;
    private readonly List<ProteusChoice> _choices;
    private readonly double[] _weights;
    private readonly bool _sharesLimit;
    private readonly long _started;
    private int _nodes;
    private bool _isProven = true;

    public ProteusSearch(PlanningProblem problem, ProteusOptions options, ISolver solver, TimeProvider? clock, CancellationToken cancellationToken, bool sharesLimit = false)
    {
        _sharesLimit = sharesLimit;
        _started = clock?.GetTimestamp() ?? 0;
        _problem = problem;
        _options = options;
        _solver = solver;
        _limits = new SolveOptions
        {
            RelativeGap = problem.Options.RelativeGap,
            NodeLimit = problem.Options.NodeLimit,
            TimeProvider = clock,
            TimeLimit = clock is null ? null : problem.Options.TimeLimit,
        };
        _cancellationToken = cancellationToken;
        _choices = ProteusChoice.Of(problem, options);
        _weights = PipelineWeights.Of(problem);
    }

    public Plan Plan()
    {
        if (_choices.Count == 0)
            return Assemble([], 1, new PlanProof(0, 0, "nothing can be served", 0, "overload"), "No variant on any device answers within its share of the objective.");
        foreach (var headroom in Ladder())
        {
            var (solution, shares) = Solve(headroom, ProteusGoal.MostAccurate);
            if (shares is null)
                continue;
            var reason = $"Demand {Explain.Demand(_problem)} fits {Explain.Slots(_problem)} with {100 * (headroom - 1):0.#} % head-room"
                + (headroom < _options.Headroom ? $"; {100 * (_options.Headroom - 1):0.#} % do not fit." : ".");
            return Assemble(shares, headroom, Proof(solution, "accuracy"), reason);
        }

        return Overload();
    }

    // Proteus' overload: 0.05 lower at each try, 0.1 above 1.5. Below 1 the meaning would change, so 1 is the last.
    private IEnumerable<double> Ladder()
    {
        for (var headroom = _options.Headroom; headroom > 1 + 1e-9; headroom -= headroom > 1.5 + 1e-9 ? 0.1 : 0.05)
            yield return headroom;
        yield return 1;
    }

    private Plan Overload()
    {
        var (most, shares) = Solve(1, ProteusGoal.MostServed);
        if (shares is null)
            return Assemble(new double[_choices.Count], 1, new PlanProof(0, 0, "limit reached", _nodes, "overload"), "No plan was found within the limits.");

        // A hair less than the most, or rounding would leave no room for any plan.
        var (accurate, better) = Solve(1, ProteusGoal.MostAccurateOfServed, most.Objective * (1 - 1e-7));
        var reason = $"Demand {Explain.Demand(_problem)} exceeds what any mix of variants can serve on {Explain.Slots(_problem)}: serve most, then most accurate.";
        return better is null || most.Status != SolveStatus.Optimal
            ? Assemble(better ?? shares, 1, Proof(most, "overload"), reason)
            : Assemble(better, 1, Proof(accurate, "overload"), reason);
    }

    private (Solution Solution, double[]? Shares) Solve(double headroom, ProteusGoal goal, double leastServed = 0)
    {
        var program = new ProteusProgram(_problem, _choices, _weights, headroom / _problem.Options.Utilization, goal, leastServed);
        var left = _limits.TimeLimit - _limits.TimeProvider?.GetElapsedTime(_started);
        if (_sharesLimit && left <= TimeSpan.Zero)
        {
            _isProven = false;
            return (new Solution { Status = SolveStatus.Limit, Bound = double.PositiveInfinity }, null);
        }

        var solution = _solver.Solve(program.Build(), _limits with { WarmStartValues = program.WarmStart(), TimeLimit = _sharesLimit ? left : _limits.TimeLimit }, _cancellationToken);
        _nodes += (int)Math.Min(solution.Nodes, int.MaxValue - _nodes);
        _isProven &= solution.Status is SolveStatus.Optimal or SolveStatus.Infeasible;
        return (solution, solution.HasValues ? program.Shares(solution) : null);
    }

    private PlanProof Proof(Solution solution, string step) => new(
        solution.Objective, solution.Bound, _isProven ? "optimal" : "limit reached", _nodes, step);

    private Plan Assemble(double[] shares, double headroom, PlanProof proof, string reason)
    {
        var groups = new List<SlotGroup>();
        for (var c = 0; c < _choices.Count; c++)
        {
            if (shares[c] > 0)
                groups.Add(Group(_choices[c], shares[c], headroom));
        }

        // Workers that got no traffic host what their family's own are busiest with (Proteus, after the program is solved).
        if (_problem.Options.FillLeftover)
            LeftoverSlots.Fill(_problem, groups);
        var served = Enumerable.Range(0, _problem.Pipelines.Length)
            .Select(p => Math.Min(1, _choices.Zip(shares).Where(x => x.First.Pipeline == p).Sum(x => x.Second)))
            .Select(s => s > 1 - 1e-9 ? 1 : s).ToArray();
        return new Plan
        {
            Version = (_problem.Previous?.Version ?? 0) + 1,
            Policy = PlanningPolicies.Proteus,
            Slots = [.. groups.OrderBy(g => g.Pipeline).ThenByDescending(Accuracy).ThenBy(g => g.Variant).ThenBy(g => g.Device)],
            Flows =
            [
                .. _choices.Zip(shares).Where(x => x.Second > 0).GroupBy(x => (x.First.Pipeline, x.First.Variant))
                    .Select(g => new PathFlow(
                        g.Key.Pipeline, [new PathStep(0, g.Key.Variant)],
                        g.Sum(x => x.Second) * _problem.Pipelines[g.Key.Pipeline].DemandQps, g.First().First.Accuracy))
                    .OrderBy(f => f.Pipeline).ThenByDescending(f => f.Accuracy),
            ],
            ServedShare = [.. served],
            Accuracy = MeanAccuracy(shares),
            CostPerHour = groups.Sum(g => g.Replicas * _problem.Devices[g.Device].PricePerHour),
            DemandQps = [.. _problem.Pipelines.Select(p => p.DemandQps)],
            PredictedP99Us = [.. Enumerable.Range(0, served.Length).Select(p => groups.Where(g => g.Pipeline == p).Select(g => g.ResponseUs).DefaultIfEmpty(0).Max())],
            Proof = proof,
            Why = [.. Why(reason, groups, served, proof)],
        };
    }

    // The program may hold slots that no flow needs; the plan does not.
    private SlotGroup Group(ProteusChoice choice, double share, double headroom)
    {
        var load = share * _problem.Pipelines[choice.Pipeline].DemandQps;
        var needed = load * headroom / _problem.Options.Utilization / choice.SlotQps;
        var replicas = Math.Max(1, (int)Math.Ceiling(needed - 1e-6));
        return new SlotGroup(
            choice.Pipeline, 0, choice.Variant, choice.Device, choice.Batch, replicas, replicas * choice.SlotQps, load, choice.LatencyUs);
    }

    private double MeanAccuracy(double[] shares)
    {
        var served = _choices.Zip(shares).Sum(x => _weights[x.First.Pipeline] * x.Second);
        return served > 0 ? _choices.Zip(shares).Sum(x => _weights[x.First.Pipeline] * x.Second * x.First.Accuracy) / served : 0;
    }

    private double Accuracy(SlotGroup group) => _problem.Pipelines[group.Pipeline].Pipeline.Root.Variants[group.Variant].Accuracy;

    private IEnumerable<string> Why(string reason, List<SlotGroup> groups, double[] served, PlanProof proof)
    {
        yield return reason;
        for (var p = 0; p < served.Length; p++)
        {
            var graph = _problem.Pipelines[p].Pipeline;
            var runs = groups.Where(g => g.Pipeline == p).OrderByDescending(Accuracy)
                .Select(g => $"{graph.Root.Variants[g.Variant].Name} on {Explain.Count(g.Replicas, "slot")} of {_problem.Devices[g.Device].Name} (batch {g.Batch}, {g.LoadQps:0.#} q/s)");
            yield return _choices.Exists(c => c.Pipeline == p)
                ? $"{graph.Name}: {100 * served[p]:0.#} % served by {string.Join(", ", runs)}."
                : $"{graph.Name} cannot be served: no profiled variant answers within {100 * _problem.Options.ProcessingShare:0} % of {graph.SloUs / 1000.0:0.#} ms; all of it is shed.";
        }

        yield return proof.Gap < 1e-5
            ? $"Proven best (gap 0, {Explain.Count(proof.Nodes, "node")})."
            : $"No plan can beat this by more than {100 * proof.Gap:0.##} % ({proof.Status}, {Explain.Count(proof.Nodes, "node")}).";
    }
}
