namespace ServerlessLoki.Planning.Modelling.Clusters;

/// <summary>Cost of one row per second at each level of each variant, on the cheapest kind of device, at given prices of slots.</summary>
internal sealed class SlotPrices
{
    private readonly PlanningSpace _space;
    private readonly double[][] _cost;
    private readonly int[][] _device;
    private readonly int[][] _levels;
    private readonly Dictionary<int, int> _pinned = [];

    public SlotPrices(PlanningSpace space)
    {
        _space = space;
        _cost = [.. space.Candidates.Select(c => new double[c.Levels.Length])];
        _device = [.. space.Candidates.Select(c => new int[c.Levels.Length])];
        _levels = new int[space.Candidates.Length][];
    }

    /// <summary>Fixes the candidate to this level from now on.</summary>
    public void Pin(Candidate candidate, int level) => _pinned[candidate.Id] = level;

    /// <summary>Sets the prices of slots.</summary>
    /// <param name="price">Price of one slot by device type, in accuracy; at least 0.</param>
    public void Set(ReadOnlySpan<double> price)
    {
        var levels = new List<int>();
        foreach (var candidate in _space.Candidates)
        {
            levels.Clear();
            for (var k = 0; k < candidate.Levels.Length; k++)
            {
                (_cost[candidate.Id][k], _device[candidate.Id][k]) = Cheapest(candidate, k, price);
                if (_pinned.TryGetValue(candidate.Id, out var only) && k != only)
                    continue;
                if (levels.Count == 0 || _cost[candidate.Id][k] < _cost[candidate.Id][levels[^1]] * (1 - 1e-12))
                    levels.Add(k);
            }

            _levels[candidate.Id] = [.. levels];
        }
    }

    /// <summary>Returns the levels by rising latency, each cheaper than all faster ones.</summary>
    public ReadOnlySpan<int> Levels(Candidate candidate) => _levels[candidate.Id];

    /// <summary>Returns the price of the slots for one row per second.</summary>
    public double Cost(Candidate candidate, int level) => _cost[candidate.Id][level];

    /// <summary>Returns the index of the cheapest kind of device.</summary>
    public int Device(Candidate candidate, int level) => _device[candidate.Id][level];

    /// <summary>Returns the slots of the cheapest kind of device for one row per second.</summary>
    public double Slots(Candidate candidate, int level) => SlotsFor(candidate, level, _device[candidate.Id][level]);

    private (double Cost, int Device) Cheapest(Candidate candidate, int level, ReadOnlySpan<double> price)
    {
        var best = (Cost: double.PositiveInfinity, Device: -1);
        for (var d = 0; d < price.Length; d++)
        {
            var cost = candidate.Levels[level].SlotQps[d] > 0 ? price[d] * SlotsFor(candidate, level, d) : double.PositiveInfinity;
            if (cost < best.Cost)
                best = (cost, d);
        }

        return best;
    }

    private double SlotsFor(Candidate candidate, int level, int device) =>
        candidate.SlotsEach / (candidate.Levels[level].SlotQps[device] * _space.Problem.Options.Utilization);
}
