using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Modelling.Clusters;

/// <summary>
/// The most accurate plan in slots that may be fractions, by prices on the slots of each kind: given prices, every pipeline chooses on
/// its own, and what all choices are worth with all slots sold bounds every plan from above (Lagrange). The prices with the least bound are
/// found by cutting planes: each choice seen is a row of a program whose columns are the prices and the worth of each pipeline.
/// </summary>
internal sealed class FractionalPlan
{
    private const int MostRounds = 60;
    private const double HighestPrice = 10;

    private readonly PlanningSpace _space;
    private readonly Func<MixedIntegerProgram, Solution?> _solve;
    private readonly SlotPrices _slotPrices;
    private readonly PipelinePricing[] _pricing;
    private readonly MixedIntegerProgramBuilder _prices = new();
    private readonly int[] _worth;
    private readonly List<PricedChoice> _seen = [];
    private double[] _price = [];

    public FractionalPlan(PlanningSpace space, Func<MixedIntegerProgram, Solution?> solve)
    {
        (_space, _solve) = (space, solve);
        _slotPrices = new SlotPrices(space);
        var weights = PipelineWeights.Of(space.Problem);
        var served = space.Pipelines.Where(p => p.CanServe).ToArray();
        _pricing = [.. served.Select(p => new PipelinePricing(space, p, _slotPrices, weights[p.Index]))];
        foreach (var device in space.Problem.Devices)
            _prices.AddColumn(0, HighestPrice, device.Slots);
        _worth = new int[space.Pipelines.Length];
        foreach (var pipeline in served)
            _worth[pipeline.Index] = _prices.AddColumn(-1e6, 1e6, 1);
    }

    /// <summary>Upper bound of every plan's accuracy; below 0 where no plan exists.</summary>
    public double Bound { get; private set; } = double.PositiveInfinity;


    /// <summary>Reads the choices of every pipeline at the optimum over the choices met, with the shares of its queries; empty when there
    /// is none.</summary>
    /// <param name="slots">Share of all slots that may be taken.</param>
    public List<(PricedChoice Choice, double Share)> Taken(double slots)
    {
        var program = new MixedIntegerProgramBuilder(ObjectiveSense.Maximise);
        var devices = _space.Problem.Devices.Select(d => program.AddRow(double.NegativeInfinity, slots * d.Slots)).ToArray();
        var all = _pricing.ToDictionary(p => p.Pipeline, _ => program.AddRow(1, 1));
        foreach (var choice in _seen)
        {
            var share = program.AddColumn(0, 1, choice.Accuracy);
            program.AddTerm(all[choice.Pipeline], share, 1);
            for (var d = 0; d < devices.Length; d++)
            {
                if (choice.Slots[d] > 0)
                    program.AddTerm(devices[d], share, choice.Slots[d]);
            }
        }

        return _solve(program.Build()) is { HasValues: true } solution
            ? [.. _seen.Select((c, i) => (c, solution.Values[i])).Where(c => c.Item2 > 1e-9)]
            : [];
    }

    /// <summary>Fixes a variant to one level from now on.</summary>
    public void Pin(Candidate candidate, int level) => _slotPrices.Pin(candidate, level);

    /// <summary>Computes, for each level of each variant, what its pipeline loses by using it at the prices of the bound, as a share of the
    /// pipeline's weight: [candidate][level]; infinite above <paramref name="margin"/>.</summary>
    public double[][] Losses(double margin)
    {
        _slotPrices.Set(_price);
        var worth = _space.Candidates.Select(c => Enumerable.Repeat(double.NegativeInfinity, c.Levels.Length).ToArray()).ToArray();
        foreach (var pricing in _pricing)
        {
            var best = pricing.Best()!.Worth(_price);
            pricing.Worth(best - (margin * pricing.Weight), worth);
            foreach (var candidate in _space.Candidates.Where(c => c.Pipeline == pricing.Pipeline))
            {
                for (var k = 0; k < candidate.Levels.Length; k++)
                    worth[candidate.Id][k] = (best - worth[candidate.Id][k]) / pricing.Weight;
            }
        }

        return worth;
    }

    /// <summary>Lowers the bound until its relative distance to the least bound is at most <paramref name="gap"/>, or a limit
    /// strikes.</summary>
    public void Solve(double gap)
    {
        var price = new double[_space.Problem.Devices.Length];
        for (var round = 0; round < MostRounds; round++)
        {
            Ask(price);
            if (Bound < 0 || _solve(_prices.Build()) is not { HasValues: true } cheapest || Bound - cheapest.Objective <= gap * Math.Abs(Bound))
                return;
            cheapest.Values.AsSpan(0, price.Length).CopyTo(price);
        }
    }

    private void Ask(double[] price)
    {
        _slotPrices.Set(price);
        var bound = 0.0;
        for (var d = 0; d < price.Length; d++)
            bound += price[d] * _space.Problem.Devices[d].Slots;
        foreach (var pricing in _pricing)
        {
            var choice = pricing.Best()!;
            bound += choice.Worth(price);
            _seen.Add(choice);
            var row = _prices.AddRow(choice.Accuracy, double.PositiveInfinity, [(_worth[choice.Pipeline], 1)]);
            for (var d = 0; d < price.Length; d++)
            {
                if (choice.Slots[d] > 0)
                    _prices.AddTerm(row, d, choice.Slots[d]);
            }
        }

        if (bound < Bound)
            (Bound, _price) = (bound, [.. price]);
    }
}
