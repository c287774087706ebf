using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Samples.Evaluation;

/// <summary>
/// Measures the sample's accuracy with the product's own inference. Each scene is drawn once, each detector runs once
/// on it, each classifier once per detector; every path is then a combination of these answers.
/// </summary>
public static class TrafficEvaluator
{
    // As many boxes per kind as the pipeline's top-k lets through.
    private const int TopK = 8;

    private const string Rules =
        "mAP@0.5: mean over car and person of the all-point average precision at IoU 0.5, all rows of the detector counted. " +
        "top1: share of ground-truth boxes (margin as in the pipeline) whose most probable class is right. " +
        "endToEnd: F1 = 2 * right / (answers + objects); an answer is a detection with at least the pipeline's minScore, best 8 per kind; " +
        "it is right when it matches an object (same kind, IoU >= 0.5, each object once) and its second-stage class is that object's. " +
        "product: meanAp50 * top1 of the two classifiers weighted by the number of vehicles and people.";

    /// <summary>Measures every variant and every path.</summary>
    /// <param name="pipelinePath">The sample's pipeline file; model paths are relative to it.</param>
    /// <param name="scenes">Number of scenes; at least 1.</param>
    /// <param name="firstSeed">Seed of the first scene.</param>
    /// <param name="progress">Receives the number of scenes measured.</param>
    /// <param name="cancellationToken">Checked before each scene.</param>
    /// <exception cref="PipelineFormatException">The pipeline file is faulty.</exception>
    /// <exception cref="ModelException">A model cannot be loaded or run.</exception>
    public static AccuracyReport Evaluate(
        string pipelinePath, int scenes, ulong firstSeed, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(scenes, 1);
        var pipeline = PipelineReader.Read(File.ReadAllText(pipelinePath), pipelinePath);
        var done = 0;
        var gate = new Lock();
        var tallies = new Tally[Math.Min(scenes, Environment.ProcessorCount)];
        Parallel.For(0, tallies.Length, new ParallelOptions { CancellationToken = cancellationToken }, part =>
        {
            var from = scenes * (long)part / tallies.Length;
            var to = scenes * (long)(part + 1) / tallies.Length;
            tallies[part] = Part(pipeline, Path.GetDirectoryName(pipelinePath)!, firstSeed + (ulong)from, (int)(to - from), Tick, cancellationToken);
        });

        // Joined in the order of the scenes, so that the figures do not depend on how many cores there are.
        foreach (var later in tallies.AsSpan(1))
        {
            tallies[0].Add(later);
        }

        return tallies[0].Report(scenes, firstSeed, Rules);

        void Tick()
        {
            lock (gate)
            {
                progress?.Report(++done);
            }
        }
    }

    private static Tally Part(Pipeline pipeline, string directory, ulong firstSeed, int scenes, Action tick, CancellationToken cancellationToken)
    {
        using var models = new TrafficModels(pipeline, directory, TopK);
        var tally = new Tally(Names(models.Detectors), Names(models.Vehicles), Names(models.Persons));
        for (var i = 0; i < scenes; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var scene = SceneGenerator.Generate(firstSeed + (ulong)i);
            Truths(scene, models, tally);
            for (var d = 0; d < models.Detectors.Count; d++)
            {
                Answers(scene, models, d, tally);
            }

            tick();
        }

        return tally;

        static string[] Names(IReadOnlyList<StageModel> variants) => [.. variants.Select(v => v.Name)];
    }

    private static void Truths(Scene scene, TrafficModels models, Tally tally)
    {
        foreach (var kind in (ReadOnlySpan<SceneObjectKind>)[SceneObjectKind.Car, SceneObjectKind.Person])
        {
            var objects = scene.Objects.Where(o => o.Kind == kind).ToArray();
            tally.AddTruths(kind, objects.Length);
            foreach (var part in objects.Chunk(TopK))
            {
                for (var c = 0; c < models.Of(kind).Count; c++)
                {
                    var classes = models.Of(kind)[c].Classify(scene.Image, [.. part.Select(o => o.Box)], models.Margin(kind));
                    tally.AddTop1(kind, c, part.Zip(classes).Count(p => p.First.LabelIndex == p.Second));
                }
            }
        }
    }

    private static void Answers(Scene scene, TrafficModels models, int detector, Tally tally)
    {
        var found = models.Detectors[detector].Detect(scene.Image);
        var match = Matching.Match(found, scene.Objects);
        for (var i = 0; i < found.Length; i++)
        {
            tally.AddDetection(detector, found[i].Kind, found[i].Score, match[i] >= 0);
        }

        foreach (var kind in (ReadOnlySpan<SceneObjectKind>)[SceneObjectKind.Car, SceneObjectKind.Person])
        {
            var kept = Enumerable.Range(0, found.Length)
                .Where(i => found[i].Kind == kind && found[i].Score >= models.MinScore)
                .Take(TopK)
                .ToArray();
            tally.AddAnswers(detector, kept.Length);
            for (var c = 0; c < models.Of(kind).Count; c++)
            {
                var classes = models.Of(kind)[c].Classify(scene.Image, [.. kept.Select(i => found[i].Box)], models.Margin(kind));
                var right = kept.Where((i, at) => match[i] >= 0 && scene.Objects[match[i]].LabelIndex == classes[at]).Count();
                tally.AddRight(detector, kind, c, right);
            }
        }
    }
}
