using ServerlessLoki.Planning;

namespace ServerlessLoki.Routing;

/// <summary>Routes of queries under one plan: most-accurate-first shares (Loki, MostAccurateFirst), drawn by one uniform random number per
/// hop. An immutable snapshot; look-ups allocate nothing.</summary>
public sealed class RoutingTable
{
    // Accuracies are products of decimals; a bound that a user copied from a status page must not fail by rounding.
    private const double AccuracyTolerance = 1e-9;

    private readonly PipelineRoutes[] _pipelines;
    private readonly double[]? _parts;

    private RoutingTable(Plan plan, PipelineRoutes[] pipelines)
    {
        Plan = plan;
        _pipelines = pipelines;
        _parts = PlannedParts.Of(plan);
    }

    /// <summary>Plan that the shares were computed from.</summary>
    public Plan Plan { get; }

    /// <summary>Computes the shares.</summary>
    /// <param name="problem">The problem that <paramref name="plan"/> was made for: graph, fan-out, latencies.</param>
    /// <param name="plan">Plan to route by.</param>
    public static RoutingTable Build(PlanningProblem problem, Plan plan)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(plan);
        var pipelines = new PipelineRoutes[problem.Pipelines.Length];
        for (var p = 0; p < pipelines.Length; p++)
            pipelines[p] = new RoutingTableBuilder(problem, plan, p).Build();
        return new RoutingTable(plan, pipelines);
    }

    /// <summary>Returns the share of the pipeline's demand that the plan serves, 0..1.</summary>
    public double ServedShare(int pipeline) => Plan.ServedShare[pipeline];

    /// <summary>True where several pipelines ask for more than the plan can serve; each then has its part of the slots' time.</summary>
    public bool IsRationed => _parts is not null;

    /// <summary>Returns the part of the slots' time that a pipeline may take from others, 0..1; 1 where pipelines need not share.</summary>
    public double Part(int pipeline) => _parts?[pipeline] ?? 1;

    /// <summary>Draws the root task's variant.</summary>
    /// <param name="pipeline">Pipeline index.</param>
    /// <param name="u">Uniform random number in [0, 1).</param>
    /// <param name="minAccuracy">Least product of accuracies that the query accepts on every path; 0 = any.</param>
    /// <returns>Variant index; −1 when no deployed variant can still reach <paramref name="minAccuracy"/>.</returns>
    public int ChooseRoot(int pipeline, double u, double minAccuracy = 0)
    {
        var routes = _pipelines[pipeline];
        return Choose(routes, task: 0, routes.RootShares, u, minAccuracy);
    }

    /// <summary>Draws the variant for a child query.</summary>
    /// <param name="pipeline">Pipeline index.</param>
    /// <param name="edge">Edge that the child takes.</param>
    /// <param name="parentVariant">Variant that served the parent.</param>
    /// <param name="u">Uniform random number in [0, 1).</param>
    /// <param name="minAccuracy">Least product that the child task and everything below it must still reach; 0 = any.</param>
    /// <returns>Variant index; −1 when no deployed variant can still reach <paramref name="minAccuracy"/>.</returns>
    public int ChooseChild(int pipeline, int edge, int parentVariant, double u, double minAccuracy = 0)
    {
        var routes = _pipelines[pipeline];
        return Choose(routes, routes.ChildTask[edge], routes.EdgeShares[edge][parentVariant], u, minAccuracy);
    }

    /// <summary>Lists the deployed variants of a task, most accurate first; empty when the plan runs none.</summary>
    public ReadOnlySpan<RouteOption> Options(int pipeline, int task) => _pipelines[pipeline].Options[task];

    /// <summary>Finds one deployed variant; null when the plan does not run it.</summary>
    public RouteOption? Option(int pipeline, int task, int variant)
    {
        foreach (ref readonly var option in _pipelines[pipeline].Options[task].AsSpan())
        {
            if (option.Variant == variant)
                return option;
        }

        return null;
    }

    /// <summary>Returns the normal share of a parent variant's children that goes to a child variant, 0..1; for status pages and
    /// tests.</summary>
    /// <param name="pipeline">Pipeline index.</param>
    /// <param name="edge">Edge index.</param>
    /// <param name="parentVariant">Variant that served the parent.</param>
    /// <param name="childVariant">Variant that would serve the child.</param>
    public double ChildShare(int pipeline, int edge, int parentVariant, int childVariant)
    {
        var routes = _pipelines[pipeline];
        return Share(routes.Options[routes.ChildTask[edge]], routes.EdgeShares[edge][parentVariant], childVariant);
    }

    /// <summary>Returns the normal share of the pipeline's served queries that starts at a variant, 0..1.</summary>
    public double RootShare(int pipeline, int variant) =>
        Share(_pipelines[pipeline].Options[0], _pipelines[pipeline].RootShares, variant);

    /// <summary>Returns the least processing time from this task (inclusive) to its slowest leaf: deployed variants, batches of one,
    /// microseconds; infinite when a task on the way is not deployed.</summary>
    public double MinRemainingUs(int pipeline, int task) => _pipelines[pipeline].MinRemainingUs[task];

    /// <summary>Returns the best product of accuracies over the tasks strictly below, deployed variants, on the worst branch; 1 at a leaf,
    /// 0 when a task below is not deployed.</summary>
    public double BestAccuracyBelow(int pipeline, int task) => _pipelines[pipeline].BestBelow[task];

    /// <summary>Returns the best product of accuracies that a query of the pipeline can have now, on its worst branch.</summary>
    public double BestAccuracy(int pipeline)
    {
        var options = _pipelines[pipeline].Options[0];
        return options.Length == 0 ? 0 : options[0].Accuracy * _pipelines[pipeline].BestBelow[0];
    }

    internal int ChildTask(int pipeline, int edge) => _pipelines[pipeline].ChildTask[edge];

    private static int Choose(PipelineRoutes routes, int task, double[] cumulative, double u, double minAccuracy)
    {
        var options = routes.Options[task];
        if (options.Length == 0)
            return -1;
        if (minAccuracy <= 0)
        {
            for (var o = 0; o < options.Length - 1; o++)
            {
                if (u < cumulative[o])
                    return options[o].Variant;
            }

            return options[LastUsed(cumulative)].Variant;
        }

        // Options stand most accurate first, so those that qualify are a prefix.
        var qualifying = 0;
        while (qualifying < options.Length
            && options[qualifying].Accuracy * routes.BestBelow[task] >= minAccuracy - AccuracyTolerance)
        {
            qualifying++;
        }

        if (qualifying == 0)
            return -1;
        var weight = cumulative[qualifying - 1];
        if (weight <= 0)
            return options[MostSpare(options.AsSpan(0, qualifying))].Variant;
        for (var o = 0; o < qualifying; o++)
        {
            if (u * weight < cumulative[o])
                return options[o].Variant;
        }

        return options[qualifying - 1].Variant;
    }

    // Rounding may leave the last share a hair below 1; the draw must not end at an option without a share.
    private static int LastUsed(double[] cumulative)
    {
        var o = cumulative.Length - 1;
        while (o > 0 && cumulative[o] <= cumulative[o - 1])
            o--;
        return o;
    }

    private static int MostSpare(ReadOnlySpan<RouteOption> options)
    {
        var best = 0;
        for (var o = 1; o < options.Length; o++)
        {
            if (options[o].SpareQps > options[best].SpareQps)
                best = o;
        }

        return best;
    }

    private static double Share(RouteOption[] options, double[] cumulative, int variant)
    {
        var o = Array.FindIndex(options, x => x.Variant == variant);
        return o < 0 ? 0 : cumulative[o] - (o == 0 ? 0 : cumulative[o - 1]);
    }
}
