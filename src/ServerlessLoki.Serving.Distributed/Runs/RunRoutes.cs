using System.Collections.Frozen;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Cached look-ups of the steps of runs: made once for a pipeline, and once for a plan. Thread-safe.</summary>
internal sealed class RunRoutes(IServingEngine engine)
{
    private readonly FrozenDictionary<string, int> _index =
        engine.Pipelines.Select((p, i) => (p.Pipeline.Name, Index: i)).ToFrozenDictionary(p => p.Name, p => p.Index, StringComparer.Ordinal);

    private readonly double[][] _bestBelow = [.. engine.Pipelines.Select(p => PipelineAccuracy.BestBelow(p.Pipeline))];
    private volatile Routed? _routed;

    /// <summary>Returns the best accuracy below each task, see <see cref="PipelineAccuracy.BestBelow"/>.</summary>
    public double[] BestBelow(Pipeline pipeline) => _bestBelow[_index[pipeline.Name]];

    /// <summary>Returns the routes of the plan in force, and the pipeline's index in them.</summary>
    /// <exception cref="InvalidOperationException">There is no plan yet: try again.</exception>
    public (RoutingTable Table, int Index) Of(Pipeline pipeline)
    {
        if (engine.Plan is not { } plan || engine.Problem is not { } problem)
            throw new InvalidOperationException("There is no plan yet: the first one is being made.");
        var routed = _routed;
        if (!ReferenceEquals(routed?.Plan, plan) || !ReferenceEquals(routed.Problem, problem))
            _routed = routed = new Routed(plan, problem, RoutingTable.Build(problem, plan));
        return (routed.Table, _index[pipeline.Name]);
    }

    private sealed record Routed(Plan Plan, PlanningProblem Problem, RoutingTable Table);
}
