using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Simulation.Bounds;

/// <summary>Bound that no policy can exceed on average at a steady, known demand: slots may be fractions, queries never queue, loads are
/// free, and each variant runs in its best batch.</summary>
/// <remarks>
/// Linear programs, one after the other: serve most, then most accurately, then at the least price (in slots where nothing has a price); one beside them has the most accuracy,
/// however few are served.
/// Flows are those of Loki's program (HPDC 2024, flows along paths) with the children per query as they really are on average; a query's accuracy is the
/// expected mean over its results, by the variant of its root. A path is left out
/// only where it takes more than the SLO with batches of one. A bound of means: a policy that lets through those queries of an overload that happen to have few children
/// serves more of them, and where demand changes from second to second, a queue uses in one second what the one before left.
/// </remarks>
public sealed class ClairvoyantBound
{
    // The values of a step are kept this closely while the next one is solved: a little less than the solver's own tolerance on rows.
    private const double Kept = 1e-7;

    private readonly PlanningProblem _problem;
    private readonly PlanningSpace _space;
    private readonly ISolver _solver;

    /// <summary>Share of a query's results, [pipeline][root's variant][visit].</summary>
    private readonly double[][][] _shares;

    /// <summary>Batches that compute at the same time, by device; a slot takes one whole thread at most, whatever its share.</summary>
    private readonly double[] _threads;

    private ClairvoyantBound(PlanningProblem problem, PlanningSpace space, ISolver solver, SimulationOptions options)
    {
        (_problem, _space, _solver) = (problem, space, solver);
        _shares = [.. problem.Pipelines.Select(p => p.Pipeline.Root.Variants.Select(v => ResultShares.Of(p, v.Index, options.FanOut)).ToArray())];
        _threads = [.. problem.Devices.Select(d => (double)Math.Min(d.Slots, options.ThreadsOf(d)))];
    }

    /// <summary>Columns of the largest program: the cost of one <see cref="At"/>.</summary>
    public int Size => _space.Prefixes.Length;

    /// <summary>Prepares the bound of a cluster.</summary>
    /// <param name="problem">Pipelines with the real mean of children per query, devices and profile; the demand is not read.</param>
    /// <param name="solver">Solves the programs.</param>
    /// <param name="options">Draw of children from their mean, and batches that run at the same time.</param>
    /// <returns>The bound; null where a pipeline has too many paths to count them all, so that nothing would be proven.</returns>
    public static ClairvoyantBound? Of(PlanningProblem problem, ISolver solver, SimulationOptions options)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(solver);
        ArgumentNullException.ThrowIfNull(options);
        var free = problem with
        {
            // So high that no level is left out because a slower one would carry more than is asked for.
            Pipelines = [.. problem.Pipelines.Select(static p => p with { DemandQps = 1e12 })],
            Options = new PlanningOptions { ProcessingShare = 1 },
            Previous = null,
        };
        var space = PlanningSpace.Create(free);
        return space.IsThinned ? null : new ClairvoyantBound(free, space, solver, options);
    }

    /// <summary>Computes the bound at one demand.</summary>
    /// <param name="demandQps">Queries per second, by pipeline; at least 0.</param>
    /// <param name="cancellationToken">Stops a solve.</param>
    public BoundPoint At(ReadOnlySpan<double> demandQps, CancellationToken cancellationToken = default)
    {
        if (demandQps.Length != _problem.Pipelines.Length)
            throw new ArgumentException($"found {demandQps.Length} demands; allowed: one for each of the {_problem.Pipelines.Length} pipelines", nameof(demandQps));
        var served = Solve(new Program(this, demandQps, Objective.Served)).Objective;
        var mostAccuracy = Solve(new Program(this, demandQps, Objective.Accuracy)).Objective;
        var accurate = new Program(this, demandQps, Objective.Accuracy);
        accurate.AtLeast(Objective.Served, served * (1 - Kept));
        var accuracy = Solve(accurate).Objective;
        var cheap = new Program(this, demandQps, Objective.Cost);
        cheap.AtLeast(Objective.Served, served * (1 - Kept));
        cheap.AtLeast(Objective.Accuracy, accuracy * (1 - Kept));
        var (slots, price) = cheap.Taken(Solve(cheap));
        return new BoundPoint(served, mostAccuracy, accuracy, price, slots);

        Solution Solve(Program program) => _solver.Solve(program.Build(), new SolveOptions(), cancellationToken) is { HasValues: true } found
            ? found
            : throw new InvalidOperationException("The bound's program has no solution, though serving nothing is one.");
    }

    private enum Objective
    {
        Served,
        Accuracy,
        Cost,
    }

    /// <summary>Program whose columns are the flow of each prefix in queries per second, and the slots of each variant on each kind of
    /// device.</summary>
    private sealed class Program
    {
        private readonly ClairvoyantBound _bound;
        private readonly MixedIntegerProgramBuilder _builder;
        private readonly int[] _flows;
        private readonly List<(int Column, int Device)> _slots = [];

        public Program(ClairvoyantBound bound, ReadOnlySpan<double> demandQps, Objective objective)
        {
            _bound = bound;
            _builder = new MixedIntegerProgramBuilder(objective == Objective.Cost ? ObjectiveSense.Minimise : ObjectiveSense.Maximise);
            _flows = [.. bound._space.Prefixes.Select(p => _builder.AddColumn(0, double.PositiveInfinity, objective == Objective.Cost ? 0 : Worth(p, objective)))];
            foreach (var pipeline in bound._space.Pipelines)
                Flow(pipeline, demandQps[pipeline.Index]);
            Capacity(objective == Objective.Cost);
        }

        public MixedIntegerProgram Build() => _builder.Build();

        public void AtLeast(Objective objective, double least)
        {
            var row = _builder.AddRow(least, double.PositiveInfinity);
            foreach (var prefix in _bound._space.Prefixes)
            {
                if (Worth(prefix, objective) is > 0 and var worth)
                    _builder.AddTerm(row, _flows[prefix.Id], worth);
            }
        }

        public (double Slots, double PricePerHour) Taken(Solution solution) => (
            _slots.Sum(s => solution.Values[s.Column]),
            _slots.Sum(s => solution.Values[s.Column] * _bound._problem.Devices[s.Device].PricePerHour));

        private double Worth(Prefix prefix, Objective objective)
        {
            if (objective == Objective.Served)
                return prefix.Parent is null ? 1 : 0;
            var root = prefix.Upward().Last();
            return _bound._shares[root.Pipeline][root.Variant][prefix.Visit] * prefix.Accuracy;
        }

        // Whatever takes a prefix takes one of its continuations on each way on.
        private void Flow(PipelineSpace pipeline, double demandQps)
        {
            var prefixes = pipeline.Prefixes.SelectMany(static p => p).ToArray();
            var demand = _builder.AddRow(0, demandQps);
            var ways = new Dictionary<(int Prefix, int Visit), int>();
            foreach (var prefix in prefixes)
            {
                foreach (var visit in pipeline.Graph.Visits.Where(v => v.Parent?.Index == prefix.Visit))
                {
                    var row = ways[(prefix.Id, visit.Index)] = _builder.AddRow(0, 0);
                    _builder.AddTerm(row, _flows[prefix.Id], -1);
                }
            }

            foreach (var prefix in prefixes)
                _builder.AddTerm(prefix.Parent is { } parent ? ways[(parent.Id, prefix.Visit)] : demand, _flows[prefix.Id], 1);
        }

        private void Capacity(bool costs)
        {
            var problem = _bound._problem;
            var isPriced = problem.Devices.Any(static d => d.PricePerHour > 0);
            var devices = _bound._threads.Select(threads => _builder.AddRow(0, threads)).ToArray();
            foreach (var candidate in _bound._space.Candidates)
            {
                var row = _builder.AddRow(0, double.PositiveInfinity);
                for (var d = 0; d < devices.Length; d++)
                {
                    if (_bound.SlotQps(candidate, d) is not (> 0 and var qps))
                        continue;
                    var column = _builder.AddColumn(0, _bound._threads[d], !costs ? 0 : isPriced ? problem.Devices[d].PricePerHour : 1);
                    _slots.Add((column, d));
                    _builder.AddTerm(row, column, qps);
                    _builder.AddTerm(devices[d], column, 1);
                }

                foreach (var prefix in _bound._space.Pipelines[candidate.Pipeline].Prefixes[candidate.Task].Where(p => p.Last.Id == candidate.Id))
                    _builder.AddTerm(row, _flows[prefix.Id], -prefix.Factor);
            }
        }
    }

    /// <summary>Computes the most rows per second of one slot that computes all the time, in any batch within the SLO and, where they may
    /// be chosen, with any cores of its replica.</summary>
    private double SlotQps(Candidate candidate, int device)
    {
        if (_problem.Profile.Find(candidate.Name, _problem.Devices[device].Name) is not { } latency)
            return 0;
        var sloUs = _problem.Pipelines[candidate.Pipeline].Pipeline.SloUs;
        var best = 0.0;
        for (var batch = 1; batch <= latency.MaxBatch && latency.LatencyUs(batch) <= sloUs; batch++)
            best = Math.Max(best, latency.ThroughputQps(batch));
        best /= candidate.SlotsEach;
        return best > 0 && _problem.Cores?.CapacityQps.TryGetValue(candidate.Name, out var capacity) == true
            ? Math.Max(best, capacity.Select(static (qps, cores) => cores == 0 ? 0 : qps / cores).Max())
            : best;
    }
}
