using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Simulation;

namespace ServerlessLoki.Benchmarks.Fidelity;

/// <summary>Counts what the host finds in each scene of the load, one scene after the other.</summary>
internal static class SceneChildren
{
    /// <summary>A plan may split the root over variants: each scene is asked this often, so that each variant sees about all.</summary>
    private const int Rounds = 4;

    public static async Task<ChildCounts> OfAsync(IServingEngine engine, Pipeline pipeline, int scenes, ulong seed)
    {
        var counts = new Dictionary<(int Edge, int Variant), List<int>>();
        for (var i = 0; i < scenes * Rounds; i++)
        {
            var result = await engine.SubmitAsync(
                new QueryRequest
                {
                    Pipeline = pipeline.Name, IgnoreSlo = true,
                    Input = new ImageInput(SceneGenerator.Generate(seed + (ulong)(i % scenes)).Image),
                },
                CancellationToken.None);
            if (result.Outcome != QueryOutcome.Completed)
                throw new InvalidOperationException($"Scene {i % scenes} was not answered: {result.Error}");
            foreach (var edge in pipeline.Root.Outgoing)
            {
                var key = (edge.Index, result.Answers[0].Variant);
                if (!counts.TryGetValue(key, out var list))
                    counts[key] = list = [];
                list.Add(result.Answers.Count(a => a.Parent == 0 && a.Task == edge.To));
            }
        }

        return new ChildCounts(counts.Select(c => KeyValuePair.Create(c.Key, c.Value.ToImmutableArray())));
    }
}
