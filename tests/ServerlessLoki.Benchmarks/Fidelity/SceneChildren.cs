using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Simulation;

namespace ServerlessLoki.Benchmarks.Fidelity;

/// <summary>Counts what each root variant of a plan finds in each scene of the load, one scene after the other.</summary>
internal static class SceneChildren
{
    /// <summary>Record i is scene i. Leaves the engine with another plan pinned.</summary>
    public static async Task<ChildCounts> OfAsync(ServingEngine engine, Plan plan, int scenes, ulong seed)
    {
        var pipeline = engine.Pipelines[0].Pipeline;
        var counts = new Dictionary<(int Edge, int Variant), ImmutableArray<int>>();
        foreach (var variant in plan.Slots.Where(s => s.Task == 0).Select(s => s.Variant).Distinct())
        {
            await engine.ForcePlanAsync(plan with { Slots = [.. plan.Slots.Where(s => s.Task != 0 || s.Variant == variant)] }, CancellationToken.None);
            var found = pipeline.Root.Outgoing.ToDictionary(e => e.Index, _ => ImmutableArray.CreateBuilder<int>(scenes));
            for (var i = 0; i < scenes; i++)
            {
                var result = await engine.SubmitAsync(
                    new QueryRequest
                    {
                        Pipeline = pipeline.Name, IgnoreSlo = true, Input = new ImageInput(SceneGenerator.Generate(seed + (ulong)i).Image),
                    },
                    CancellationToken.None);
                if (result.Outcome != QueryOutcome.Completed)
                    throw new InvalidOperationException($"Scene {i} was not answered: {result.Error}");
                foreach (var edge in pipeline.Root.Outgoing)
                    found[edge.Index].Add(result.Answers.Count(a => a.Parent == 0 && a.Task == edge.To));
            }

            foreach (var (edge, children) in found)
                counts[(edge, variant)] = children.MoveToImmutable();
        }

        return new ChildCounts(counts);
    }
}
