using ServerlessLoki.Planning.Policies.Proteus;

namespace ServerlessLoki.Planning.Policies.Infaas;

/// <summary>One round of INFaaS' heuristic: the running replicas, scaled down where they idle and up where capacity is short.</summary>
internal sealed class InfaasSearch
{
    private const double Tie = 1e-9;

    private readonly PlanningProblem _problem;
    private readonly InfaasOptions _options;
    private readonly ProteusChoice[] _choices;
    private readonly int[] _slots;
    private readonly int[] _free;
    private readonly double[] _best;

    /// <summary>Starts a round with empty slots.</summary>
    public InfaasSearch(PlanningProblem families, InfaasOptions options)
    {
        _problem = families;
        _options = options;
        var all =
            from p in Enumerable.Range(0, families.Pipelines.Length)
            from v in families.Pipelines[p].Pipeline.Root.Variants
            from d in Enumerable.Range(0, families.Devices.Length)
            select ProteusChoice.Of(families, new ProteusOptions(), p, v.Index, d);
        _choices = [.. all.OfType<ProteusChoice>()];
        _slots = new int[_choices.Length];
        _free = [.. families.Devices.Select(d => d.Slots)];
        _best = [.. families.Pipelines.Select((_, p) => Own(p).Select(c => _choices[c].Accuracy).DefaultIfEmpty(0).Max())];
    }

    /// <summary>Takes over the running replicas. A family without a replica gets its most accurate variant, the largest demand
    /// first.</summary>
    public void Start(Plan? previous)
    {
        foreach (var group in previous?.Slots ?? [])
        {
            var c = Array.FindIndex(_choices, x => (x.Pipeline, x.Variant, x.Device) == (group.Pipeline, group.Variant, group.Device));
            if (c >= 0)
                Add(c, Math.Min(group.Replicas, _free[group.Device]));
        }

        foreach (var family in Families().Where(f => Running(f).Count == 0).OrderByDescending(Demand).ToList())
        {
            var first = Own(family).Where(c => _free[_choices[c].Device] > 0)
                .OrderByDescending(c => _choices[c].Accuracy).ThenByDescending(c => _choices[c].SlotQps).Select(c => (int?)c).FirstOrDefault();
            if (first is { } c)
                Add(c, 1);
        }
    }

    /// <summary>Lets families below the lower slack give replicas back, the least accurate first, or switch them to more accurate
    /// variants.</summary>
    public void ScaleDown()
    {
        foreach (var family in Families())
        {
            while (Demand(family) < _options.DownscaleSlack * Capacity(family) && TakeBack(family))
            {
            }
        }
    }

    /// <summary>Adds capacity to families above the upper slack, the one in the greatest need first.</summary>
    public void ScaleUp(CancellationToken cancellationToken)
    {
        foreach (var family in Families().Where(f => Running(f).Count > 0).OrderByDescending(f => Demand(f) / Capacity(f)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            while (Demand(family) / _options.Slack - Capacity(family) is > Tie and var needed && Grow(family, needed))
            {
            }
        }
    }

    public IEnumerable<SlotGroup> Groups() => _choices.Select((c, i) => c.Group(_slots[i])).Where(g => g.Replicas > 0);

    private bool TakeBack(int family)
    {
        var running = Running(family);
        var least = running.OrderBy(c => _choices[c].Accuracy).ThenBy(c => _choices[c].SlotQps).First();
        var rest = Capacity(family) - Qps(least);
        if (running.Sum(c => _slots[c]) > 1 && Suffices(family, rest))
        {
            Add(least, -1);
            return true;
        }

        var better = Own(family)
            .Where(c => _choices[c].Accuracy > _choices[least].Accuracy && Suffices(family, rest + Qps(c)) && HasRoom(c, least))
            .OrderByDescending(c => _choices[c].Accuracy).ThenByDescending(Qps).Select(c => (int?)c).FirstOrDefault();
        if (better is not { } taken)
            return false;
        Add(least, -1);
        Add(taken, 1);
        return true;
    }

    /// <summary>Applies the cheapest change that gains enough; where none does, the one that gains the most.</summary>
    private bool Grow(int family, double needed)
    {
        InfaasChange? best = null;
        foreach (var change in Changes(family, needed))
        {
            if (change.GainQps > Tie && (best is null || change.IsBetterThan(best, needed)))
                best = change;
        }

        if (best is null)
            return false;
        if (best.From is { } from)
            Add(from, -best.Count);
        Add(best.To, best.Count);
        return true;
    }

    private IEnumerable<InfaasChange> Changes(int family, double needed)
    {
        foreach (var to in Own(family))
        {
            var device = _choices[to].Device;
            var drop = _best[family] - _choices[to].Accuracy;
            if (_free[device] > 0)
            {
                var count = Math.Min(_free[device], (int)Math.Min(int.MaxValue, Math.Ceiling((needed / Qps(to)) - Tie)));
                yield return new InfaasChange(null, to, count, count * Qps(to), count * drop);
            }

            foreach (var from in Running(family).Where(c => _choices[c].Device == device && Qps(c) < Qps(to)))
            {
                var gain = Qps(to) - Qps(from);
                var count = Math.Min(_slots[from], (int)Math.Min(int.MaxValue, Math.Ceiling((needed / gain) - Tie)));
                yield return new InfaasChange(from, to, count, count * gain, count * (_choices[from].Accuracy - _choices[to].Accuracy));
            }
        }
    }

    private bool Suffices(int family, double capacityQps) => Demand(family) <= _options.Slack * capacityQps;

    private bool HasRoom(int choice, int insteadOf) => _choices[choice].Device == _choices[insteadOf].Device || _free[_choices[choice].Device] > 0;

    private void Add(int choice, int replicas)
    {
        _slots[choice] += replicas;
        _free[_choices[choice].Device] -= replicas;
    }

    private IEnumerable<int> Families() => Enumerable.Range(0, _problem.Pipelines.Length);

    private IEnumerable<int> Own(int family) => Enumerable.Range(0, _choices.Length).Where(c => _choices[c].Pipeline == family);

    private List<int> Running(int family) => [.. Own(family).Where(c => _slots[c] > 0)];

    private double Qps(int choice) => _choices[choice].SlotQps * _problem.Options.Utilization;

    private double Demand(int family) => _problem.Pipelines[family].DemandQps;

    private double Capacity(int family) => Own(family).Sum(c => _slots[c] * Qps(c));
}
