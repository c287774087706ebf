using System.Collections.Immutable;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies.InferLine;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// InferLine: a planner that finds hardware, batch and replicas for each task by greedy descent, so that the
/// 99th percentile of a replayed sample meets the objective at little cost; between plannings a tuner that only adds and
/// retires replicas, by the traffic's envelope. The most accurate variants only; what cannot be served is shed.
/// </summary>
/// <remarks>Pure: what the tuner goes on from is the previous plan's <see cref="Plan.PolicyState"/>. The sample is
/// <see cref="PlanningProblem.Recent"/>; until there are arrivals enough, independent ones at the forecast rate stand in for it.</remarks>
public sealed class InferLinePolicy : IPlanningPolicy
{
    /// <summary>Relative change of the forecast after which a plan for generated arrivals is remade.</summary>
    private const double ProvisionalDrift = 0.2;
    private readonly InferLineOptions _options;

    /// <summary>Recommended options for production: relative tuning, and a new plan when fan-out or speed drift by a quarter.</summary>
    public static InferLineOptions RelativeOptions { get; } = new() { Relative = true, DriftTolerance = 0.25 };

    /// <summary>Makes the policy; null = the paper's constants.</summary>
    /// <exception cref="ArgumentException">A figure is out of its range.</exception>
    public InferLinePolicy(InferLineOptions? options = null)
    {
        _options = options ?? new InferLineOptions();
        var isSound = _options.Tolerance > 0 && _options.StepLimit > 1 && _options.StableTime >= TimeSpan.Zero && _options.PlannerPeriod > TimeSpan.Zero
            && _options.SampleQueries >= 1 && _options.MaxReplicas >= 1 && _options.ExactSettings >= 0 && _options.DriftTolerance is not <= 0;
        if (!isSound)
            throw new ArgumentException($"found {_options}; allowed: tolerance, planner period and drift above 0, step limit above 1, counts of at least 1, the rest at least 0.", nameof(options));
    }

    /// <inheritdoc/>
    public string Name => _options.Relative ? PlanningPolicies.InferLineRelative : PlanningPolicies.InferLine;

    /// <inheritdoc/>
    public bool ScalesAccuracy => false;

    /// <inheritdoc/>
    public TimeSpan History => Tuner.EnvelopeTime + _options.StableTime;

    /// <inheritdoc/>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        PolicyLimits.RequireTrees(problem, Name);
        var tuned = problem.Previous is { PolicyState: TunerSeed held } previous && previous.Policy == Name ? Tune(problem, held) : null;
        var seed = tuned ?? new InferLinePlanning(problem, _options, cancellationToken).Plan();
        var plan = SingleVariantPlan.Assemble(
            problem,
            Name,
            [.. seed.Pipelines.Select(p => p.Stages.Select(s => new SingleVariantStage(s.Variant, s.Device, s.Batch, s.Replicas)).ToImmutableArray())],
            [.. seed.Pipelines.Select(p => p.LimitQps ?? double.PositiveInfinity)]);
        var bound = LowerBound(problem, seed);
        return plan with
        {
            PolicyState = seed,
            PredictedP99Us = [.. seed.Pipelines.Select(p => p.P99Us)],
            Proof = plan.Proof with { Bound = Math.Min(bound, plan.CostPerHour), Status = tuned is null ? "local optimum" : "tuned" },
            Why = [.. Why(problem, plan, seed)],
        };
    }

    /// <summary>Returns the tuned seed; null where the planner has to run.</summary>
    private TunerSeed? Tune(PlanningProblem problem, TunerSeed held)
    {
        if (held.Pipelines.Length != problem.Pipelines.Length || !held.Devices.SequenceEqual(problem.Devices) || problem.Recent is not { } recent)
            return null;
        var periodUs = (long)_options.PlannerPeriod.TotalMicroseconds;
        var suffices = TrafficSamples.Suffice(problem);
        var pipelines = new PipelineSeed[held.Pipelines.Length];
        var isSame = true;
        for (var p = 0; p < pipelines.Length; p++)
        {
            var seed = held.Pipelines[p];
            if ((seed.IsProvisional && (suffices || Moved(problem.Pipelines[p].DemandQps, seed.RateQps)))
                || (suffices && recent.NowUs - seed.PlannedUs >= periodUs) || Drifted(problem, p, seed))
            {
                return null;
            }

            // The clock of the run begins with the first look.
            var now = seed.PlannedUs is null ? seed with { PlannedUs = recent.NowUs, ChangedUs = recent.NowUs } : seed;
            pipelines[p] = seed.IsProvisional || seed.Stages.IsEmpty
                ? seed
                : Tuner.Tune(now, TrafficSamples.Recent(problem, p), recent.FromUs, recent.NowUs, _options);
            isSame &= ReferenceEquals(pipelines[p], seed);
        }

        return isSame ? held : held with { Pipelines = [.. pipelines] };
    }

    private static bool Moved(double demandQps, double plannedQps) =>
        Math.Abs(demandQps - plannedQps) > ProvisionalDrift * Math.Max(plannedQps, 1);

    private bool Drifted(PlanningProblem problem, int pipeline, PipelineSeed seed)
    {
        if (_options.DriftTolerance is not { } tolerance || seed.Stages.IsEmpty)
            return false;
        var demand = problem.Pipelines[pipeline];
        var scale = new double[seed.Stages.Length];
        foreach (var task in demand.Pipeline.Tasks)
        {
            var stage = seed.Stages[task.Index];
            scale[task.Index] = task.Incoming.IsEmpty
                ? 1
                : scale[task.Incoming[0].From] * demand.FanOut[task.Incoming[0].Index, seed.Stages[task.Incoming[0].From].Variant] * problem.Options.FanOutHeadroom;
            var device = problem.Devices[stage.Device];
            var qps = problem.Profile.Find(task.Variants[stage.Variant].Name, device.Name)?.ThroughputQps(stage.Batch) * device.SlotShare;
            if (qps is null || Differs(scale[task.Index], stage.ScaleFactor) || Differs(qps.Value, stage.ReplicaQps))
                return true;
        }

        return false;

        bool Differs(double now, double planned) => Math.Abs(now - planned) > tolerance * planned;
    }

    // No plan is cheaper than every stage on its cheapest throughput, at least one replica each.
    private double LowerBound(PlanningProblem problem, TunerSeed seed)
    {
        var stages = PipelineStages.Of(problem, _options.Variants);
        var bound = 0.0;
        for (var p = 0; p < stages.Length; p++)
        {
            if (seed.Pipelines[p].Stages.IsEmpty)
                continue;
            var rate = seed.Pipelines[p].RateQps;
            bound += stages[p].Sum(s => s.Ladder.Min(h =>
                problem.Devices[h.Device].PricePerHour * Math.Max(1, rate * s.ScaleFactor / h.Batches.Max(h.ReplicaQps))));
        }

        return bound;
    }

    private static IEnumerable<string> Why(PlanningProblem problem, Plan plan, TunerSeed seed)
    {
        for (var p = 0; p < seed.Pipelines.Length; p++)
        {
            var graph = problem.Pipelines[p].Pipeline;
            var own = seed.Pipelines[p];
            if (own.Stages.IsEmpty)
            {
                yield return $"{graph.Name} cannot be served: its most accurate variants find no slots, or take longer than {graph.SloUs / 1000.0:0.#} ms without any queue; all of it is shed.";
                continue;
            }

            var sample = own.IsProvisional ? "independent arrivals at the forecast rate" : "the sample";
            yield return $"{graph.Name}: planned for {own.RateQps:0.#} q/s of {sample}, p99 {own.P99Us / 1000:0.#} ms of {graph.SloUs / 1000.0:0.#} ms by replay; {100 * plan.ServedShare[p]:0.#} % served.";
            foreach (var step in own.Steps)
                yield return $"{graph.Name}: {step}.";
            var tuned = own.Stages.Select((s, t) => (Stage: s, Task: graph.Tasks[t].Name)).Where(x => x.Stage.Replicas != x.Stage.Planned).ToList();
            if (tuned.Count > 0)
                yield return $"{graph.Name}: tuned since to {string.Join(", ", tuned.Select(x => $"{x.Task} {x.Stage.Planned} → {x.Stage.Replicas}"))}.";
        }
    }
}
