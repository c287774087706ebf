using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies.InfAdapter;

namespace ServerlessLoki.Planning.Policies.Vpa;

/// <summary>One planning of <see cref="VpaPolicy"/>.</summary>
internal sealed class VpaPlanner
{
    /// <summary>Least history before the recommender gives a recommendation.</summary>
    public static readonly TimeSpan FirstLook = TimeSpan.FromMinutes(1);

    private const long SecondUs = 1_000_000;

    private readonly PlanningProblem _problem;
    private readonly VpaOptions _options;
    private readonly string _policy;
    private readonly int _device;
    private readonly InfAdapterVariant?[] _variants;

    public VpaPlanner(PlanningProblem problem, VpaOptions options, string policy)
    {
        _problem = problem;
        _options = options;
        _policy = policy;
        _device = Math.Max(0, problem.Devices.ToList().FindIndex(d => d.Slots > 0));
        _variants = [.. problem.Pipelines.Select((_, p) => Fixed(p))];
    }

    public Plan Plan()
    {
        var cores = _variants.Select((v, p) => v is null ? 0 : Recommend(p, v)).ToArray();
        Share(cores);
        var chosen = cores.Select((n, p) => n == 0 ? null : Decision(p, n)).ToArray();
        var weights = PipelineWeights.Of(_problem);
        var accuracy = chosen.Select((c, p) => (c?.Accuracy ?? 0) * weights[p]).Sum();
        var assembler = new InfAdapterAssembler(_problem, _device, [.. _variants.Select(v => v is null ? (InfAdapterVariant[])[] : [v])], _policy);
        var plan = assembler.Assemble(
            accuracy, chosen,
            $"{Explain.Count(cores.Sum(), "core")} of {Explain.Slots(_problem)} for the {100 * _options.Percentile:0.#}th percentile of the CPU use, times {_options.Margin:0.##}; the demand is {Explain.Demand(_problem)}.");
        return plan with { Proof = new PlanProof(accuracy, 1, "heuristic", 0, plan.ServedShare.Any(s => s < 1) ? "overload" : "hardware") };
    }

    private InfAdapterVariant? Fixed(int pipeline)
    {
        var task = _problem.Pipelines[pipeline].Pipeline.Root;
        var variants = InfAdapterVariant.Of(_problem, pipeline, _device);
        return _options.Variants.TryGetValue(task.Name, out var name) ? variants.FirstOrDefault(v => v.Name == name) : variants.FirstOrDefault(v => v.CapacityQps[^1] > 0);
    }

    // Growth at once; less only when each of the last decisions would have had less.
    private int Recommend(int pipeline, InfAdapterVariant variant)
    {
        var current = _problem.Previous?.Policy == _policy ? variant.PreviousCores : 0;
        if (_problem.Recent is not { } recent || recent.Length < FirstLook)
            return Math.Max(current, Cores(variant, _problem.Pipelines[pipeline].DemandQps));
        var use = Use(pipeline, recent);
        var target = Target(variant, use, recent.NowUs, recent, current);
        for (var k = 1; k <= _options.ShrinkAfter && target < current; k++)
        {
            var thenUs = recent.NowUs - (k * (long)_options.Interval.TotalMicroseconds);
            var then = thenUs - recent.FromUs < FirstLook.TotalMicroseconds ? current : Target(variant, use, thenUs, recent, current);
            target = Math.Min(current, Math.Max(target, then));
        }

        return target;
    }

    /// <summary>Counts the arrivals of a pipeline by second of the window.</summary>
    private static int[] Use(int pipeline, ArrivalWindow recent)
    {
        var counts = new int[(recent.NowUs - recent.FromUs) / SecondUs];
        foreach (var arrival in recent.Arrivals)
        {
            var second = (arrival.AtUs - recent.FromUs) / SecondUs;
            if (arrival.Pipeline == pipeline && second < counts.Length)
                counts[second]++;
        }

        return counts;
    }

    private int Target(InfAdapterVariant variant, int[] counts, long untilUs, ArrivalWindow recent, int current)
    {
        var seen = counts.Take((int)((untilUs - recent.FromUs) / SecondUs)).Order().ToArray();
        var qps = seen[Math.Clamp((int)Math.Ceiling(_options.Percentile * seen.Length) - 1, 0, seen.Length - 1)];
        return Cores(variant, qps, current > 0 ? current : double.PositiveInfinity);
    }

    /// <summary>Returns the cores for a CPU use: at least the least of a container, at most the device's.</summary>
    private int Cores(InfAdapterVariant variant, double qps, double mostUse = double.PositiveInfinity)
    {
        var all = _problem.Devices[_device].Slots;
        var perCore = _options.QpsPerCore.TryGetValue(variant.Name, out var known) ? known : variant.CapacityQps[^1] / all;
        var cores = Math.Ceiling((_options.Margin * Math.Min(mostUse, qps / perCore)) - 1e-9);
        return (int)Math.Clamp(cores, Math.Min(all, Math.Max(1, variant.MinCores)), all);
    }

    // Several pipelines may want more cores than there are: the largest gives way.
    private void Share(int[] cores)
    {
        for (var over = cores.Sum() - _problem.Devices[_device].Slots; over > 0; over--)
        {
            var largest = Array.IndexOf(cores, cores.Max());
            cores[largest]--;
        }

        for (var p = 0; p < cores.Length; p++)
        {
            if (_variants[p] is { } variant && cores[p] < variant.MinCores)
                cores[p] = 0;
        }
    }

    private InfAdapterDecision Decision(int pipeline, int cores)
    {
        var variant = _variants[pipeline]!;
        var demand = InfAdapterAssembler.DemandQps(_problem.Pipelines[pipeline]);
        var qps = Math.Min(demand, variant.CapacityQps[cores]);
        return new InfAdapterDecision(InfAdapterDecision.None, cores, cores, qps, qps / demand * variant.Accuracy, 0);
    }
}
