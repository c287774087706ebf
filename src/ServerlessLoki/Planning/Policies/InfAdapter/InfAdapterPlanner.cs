using ServerlessLoki.Planning.Modelling;

namespace ServerlessLoki.Planning.Policies.InfAdapter;

/// <summary>One planning of <see cref="InfAdapterPolicy"/> or <see cref="ModelSwitchingPolicy"/>: shares the cores among pipelines.</summary>
internal sealed class InfAdapterPlanner
{
    private readonly PlanningProblem _problem;
    private readonly string _policy;
    private readonly int _device;
    private readonly InfAdapterVariant[][] _variants;
    private readonly InfAdapterSearch[] _searches;
    private readonly double[] _demandQps;

    public InfAdapterPlanner(PlanningProblem problem, InfAdapterOptions options, string policy)
    {
        _problem = problem;
        _policy = policy;
        _device = Math.Max(0, problem.Devices.ToList().FindIndex(d => d.Slots > 0));
        _demandQps = [.. problem.Pipelines.Select(InfAdapterAssembler.DemandQps)];
        var weights = PipelineWeights.Of(problem);
        _variants = [.. problem.Pipelines.Select((_, p) => InfAdapterVariant.Of(problem, p, _device))];
        _searches = [.. _variants.Select((v, p) => new InfAdapterSearch(v, options, _demandQps[p], weights[p], problem.Devices[_device].Slots))];
    }

    public Plan Plan(CancellationToken cancellationToken)
    {
        var budget = _problem.Devices[_device].Slots;
        var total = _demandQps.Sum();

        // [cores spent] best over the pipelines so far.
        var best = new (double ServedQps, double Objective, InfAdapterDecision?[] Chosen)?[budget + 1];
        best[0] = (0, 0, []);
        for (var p = 0; p < _searches.Length; p++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var own = _variants[p].Length == 0 ? [null] : _searches[p].BestByCores();
            var next = new (double ServedQps, double Objective, InfAdapterDecision?[] Chosen)?[budget + 1];
            for (var spent = 0; spent <= budget; spent++)
            {
                if (best[spent] is not { } before)
                    continue;
                Offer(next, spent, (before.ServedQps, before.Objective, [.. before.Chosen, null]), total);
                for (var cores = 1; cores < own.Length && spent + cores <= budget; cores++)
                {
                    if (own[cores] is { } decision)
                        Offer(next, spent + cores, (before.ServedQps + decision.ServedQps, before.Objective + _searches[p].Objective(decision), [.. before.Chosen, decision]), total);
                }
            }

            best = next;
        }

        var found = best.OfType<(double ServedQps, double Objective, InfAdapterDecision?[] Chosen)>()
            .Aggregate((a, b) => InfAdapterSearch.IsBetter((b.ServedQps, b.Objective), (a.ServedQps, a.Objective), total) ? b : a);
        return new InfAdapterAssembler(_problem, _device, _variants, _policy).Assemble(found.Objective, found.Chosen);
    }

    private static void Offer(
        (double ServedQps, double Objective, InfAdapterDecision?[] Chosen)?[] best, int cores, (double ServedQps, double Objective, InfAdapterDecision?[] Chosen) offer, double demandQps)
    {
        if (best[cores] is not { } held || InfAdapterSearch.IsBetter((offer.ServedQps, offer.Objective), (held.ServedQps, held.Objective), demandQps))
            best[cores] = offer;
    }
}
