using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies.CoarseGrained;
using ServerlessLoki.Planning.Policies.InferLine;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// The coarse-grained baselines of InferLine (baselines): the pipeline is one black box, and only whole copies of it are
/// added. Cheap and late under bursts when made for the mean; in time and dear when made for the peak.
/// </summary>
/// <remarks>The most accurate variants only. Pure: what is held on to is the previous plan's <see cref="Plan.PolicyState"/>. Until there are
/// arrivals enough, independent ones at the forecast rate stand in for the sample.</remarks>
public sealed class CoarseGrainedPolicy : IPlanningPolicy
{
    /// <summary>AutoScale's t_wait: time after which a copy that was not needed is removed, microseconds.</summary>
    private const long WaitUs = 120_000_000;

    /// <summary>Length of the window of AutoScale's observed rate, microseconds.</summary>
    private const long RateWindowUs = 5_000_000;
    private const int SampleQueries = int.MaxValue;
    private readonly CoarseGrainedRule _rule;

    /// <summary>Makes the policy with the given scaling rule.</summary>
    public CoarseGrainedPolicy(CoarseGrainedRule rule) => _rule = rule;

    /// <inheritdoc/>
    public string Name => _rule switch
    {
        CoarseGrainedRule.Mean => PlanningPolicies.CoarseMean,
        CoarseGrainedRule.Peak => PlanningPolicies.CoarsePeak,
        _ => PlanningPolicies.AutoScale,
    };

    /// <inheritdoc/>
    public bool ScalesAccuracy => false;

    /// <inheritdoc/>
    public TimeSpan History => TimeSpan.FromMicroseconds(WaitUs + RateWindowUs);

    /// <inheritdoc/>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        PolicyLimits.RequireTrees(problem, Name);
        var seed = problem.Previous is { PolicyState: TunerSeed held } previous && previous.Policy == Name && Holds(problem, held)
            ? Scale(problem, held)
            : Made(problem);
        var plan = SingleVariantPlan.Assemble(
            problem,
            Name,
            [.. seed.Pipelines.Select(p => p.Stages.Select(s => new SingleVariantStage(s.Variant, s.Device, s.Batch, s.Replicas)).ToImmutableArray())],
            [.. seed.Pipelines.Select(_ => double.PositiveInfinity)]);
        return plan with
        {
            PolicyState = seed,
            PredictedP99Us = [.. seed.Pipelines.Select(p => p.P99Us)],
            Proof = plan.Proof with { Status = "rule" },
            Why = [.. seed.Pipelines.Select((p, i) => Why(problem, plan, p, i))],
        };
    }

    private static bool Holds(PlanningProblem problem, TunerSeed held) =>
        held.Pipelines.Length == problem.Pipelines.Length && held.Devices.SequenceEqual(problem.Devices)
        && !(held.Pipelines.Any(p => p.IsProvisional) && TrafficSamples.Suffice(problem));

    private TunerSeed Made(PlanningProblem problem)
    {
        var isRecent = TrafficSamples.Suffice(problem);
        var stages = PipelineStages.Of(problem, ImmutableDictionary<string, string>.Empty);
        var slots = problem.Devices.Select(d => d.Slots).ToArray();
        return new TunerSeed([.. stages.Select((s, p) => Made(problem, p, s, slots, isRecent))], problem.Devices);
    }

    private PipelineSeed Made(PlanningProblem problem, int pipeline, ImmutableArray<PipelineStage> stages, int[] slots, bool isRecent)
    {
        var sample = TrafficSamples.Of(problem, pipeline, isRecent, SampleQueries);
        var sloUs = problem.Pipelines[pipeline].Pipeline.SloUs;
        var envelope = TrafficEnvelope.Of(sample.AtUs.AsSpan(), [sloUs]);
        var copy = stages.IsEmpty ? null : PipelineCopy.Of(stages, slots, sloUs);
        if (copy is null)
            return new PipelineSeed { IsProvisional = !isRecent, RateQps = sample.RateQps, Envelope = envelope, Stages = [] };
        var qps = (_rule == CoarseGrainedRule.Peak ? envelope.RateQps(0) : sample.RateQps) / problem.Options.Utilization;
        var copies = Copies(qps, copy.Qps);
        return new PipelineSeed
        {
            IsProvisional = !isRecent,
            RateQps = sample.RateQps,
            Envelope = envelope,
            P99Us = copy.LatencyUs,
            Stages =
            [
                .. stages.Select(s => new StageSeed(
                    s.Variant, s.Ladder[copy.Stages[s.Task].Hardware].Device, copy.Stages[s.Task].Batch, copies, copies, copy.Qps * s.ScaleFactor, s.ScaleFactor)),
            ],
        };
    }

    // A surplus copy is idle as soon as the load is packed onto the others, so it goes when for the whole wait fewer were needed.
    private TunerSeed Scale(PlanningProblem problem, TunerSeed held)
    {
        if (_rule != CoarseGrainedRule.AutoScale || problem.Recent is not { } recent)
            return held;
        var isYoung = recent.NowUs - recent.FromUs < WaitUs;
        var pipelines = held.Pipelines.Select((seed, p) =>
        {
            if (seed.Stages.IsEmpty)
                return seed;
            var needed = Copies(TrafficEnvelope.Of(TrafficSamples.Recent(problem, p), [RateWindowUs]).RateQps(0) / problem.Options.Utilization, seed.Stages[0].ReplicaQps);
            var copies = isYoung ? Math.Max(needed, seed.Stages[0].Replicas) : needed;
            return copies == seed.Stages[0].Replicas
                ? seed
                : seed with { ChangedUs = recent.NowUs, Stages = [.. seed.Stages.Select(s => s with { Replicas = copies })] };
        }).ToImmutableArray();
        return pipelines.SequenceEqual(held.Pipelines) ? held : held with { Pipelines = pipelines };
    }

    private static int Copies(double qps, double copyQps) => Math.Max(1, (int)Math.Min(1e6, Math.Ceiling((qps / copyQps) - 1e-9)));

    private string Why(PlanningProblem problem, Plan plan, PipelineSeed seed, int pipeline)
    {
        var graph = problem.Pipelines[pipeline].Pipeline;
        return seed.Stages.IsEmpty
            ? $"{graph.Name} cannot be served: no copy of the whole pipeline finds slots and answers within {graph.SloUs / 1000.0:0.#} ms; all of it is shed."
            : $"{graph.Name}: {seed.Stages[0].Replicas} × the whole pipeline at {seed.Stages[0].ReplicaQps:0.#} q/s each ({Name}); {100 * plan.ServedShare[pipeline]:0.#} % served.";
    }
}
