using ServerlessLoki.Pipelines;
using ServerlessLoki.Routing;
using ServerlessLoki.Samples.Evaluation;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Samples.Tests;

public sealed class TrafficFilesTests
{
    private static readonly Pipeline s_pipeline = PipelineReader.Read(File.ReadAllText(TrafficSample.PipelinePath), TrafficSample.PipelinePath);
    private static readonly AccuracyReport s_report = AccuracyReport.FromJson(File.ReadAllText(TrafficSample.AccuracyPath));

    [Fact]
    public void Pipeline_EveryVariant_StatesTheMeasuredAccuracy()
    {
        foreach (var variant in s_pipeline.Tasks.SelectMany(t => t.Variants))
        {
            Assert.Equal(s_report.Of(variant.Name), variant.Accuracy);
            Assert.Contains($"{s_report.Scenes} held-out scenes", variant.Measured, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("detect", 5)]
    [InlineData("classify-vehicle", 5)]
    [InlineData("classify-person", 4)]
    public void Variants_SmallestToLargest_GainAtLeastEightPointsWithoutAStepBack(string task, int count)
    {
        var accuracies = s_pipeline.FindTask(task)!.Variants.Select(v => v.Accuracy).ToArray();

        Assert.Equal(count, accuracies.Length);
        Assert.All(accuracies.Zip(accuracies.Skip(1)), pair => Assert.True(pair.First < pair.Second));
        Assert.True(accuracies[^1] - accuracies[0] >= 0.08);
    }

    [Fact]
    public void Pipeline_BestAccuracy_IsThatOfItsWorstBranch()
    {
        var best = s_pipeline.Tasks.Select(t => t.MostAccurate.Accuracy).ToArray();
        var branches = s_pipeline.Root.Outgoing.Select(e => best[0] * best[e.To]).ToArray();
        Assert.Equal(2, branches.Length);
        Assert.Equal(branches.Min(), PipelineAccuracy.Best(s_pipeline), 12);
        // A query for 0.82 asks for less than the mean of the branches, and no plan can answer it.
        Assert.InRange(0.82, PipelineAccuracy.Best(s_pipeline) + 0.01, branches.Average());
    }

    [Fact]
    public void Report_Figures_RestOnScenesThatTrainingNeverSaw()
    {
        Assert.True(s_report.Scenes >= 2000);
        Assert.True(s_report.FirstSeed + (ulong)s_report.Scenes <= TrafficSample.TrainingSeed);
    }

    [Fact]
    public void Report_Paths_CoverEveryCombination()
    {
        Assert.Equal(5 * 5 * 4, s_report.Paths.Select(p => (p.Detect, p.Vehicle, p.Person)).Distinct().Count());
        Assert.All(s_report.Paths, p => Assert.InRange(p.EndToEnd, 0.01, 1));
    }

    [Fact]
    public void Models_Together_StayUnderSixMegabytes()
    {
        var bytes = Directory.GetFiles(Path.Combine(TrafficSample.Directory, "models"), "*.onnx").Sum(f => new FileInfo(f).Length);

        Assert.InRange(bytes, 1, 6_000_000);
    }

    [Fact]
    public void Models_Labels_AgreeWithThePipelineAndTheGenerator()
    {
        foreach (var task in s_pipeline.Tasks)
        {
            foreach (var variant in task.Variants)
            {
                using var model = OnnxModel.Load(variant.Name, Path.Combine(TrafficSample.Directory, variant.ModelPath), new ModelOptions());
                Assert.Equal(string.Join(',', task.Output.Labels), model.Metadata["labels"]);
                Assert.Equal(task.Output.Tensor, model.Outputs[0].Name);
            }
        }

        Assert.Equal(TrafficLabels.Kinds, s_pipeline.Root.Output.Labels);
        Assert.Equal(TrafficLabels.Vehicles, s_pipeline.FindTask("classify-vehicle")!.Output.Labels);
        Assert.Equal(TrafficLabels.Persons, s_pipeline.FindTask("classify-person")!.Output.Labels);
    }

    [Fact]
    public void Evaluate_PartOfTheHeldOutScenes_AgreesWithTheCommittedFigures()
    {
        var part = TrafficEvaluator.Evaluate(
            TrafficSample.PipelinePath, 120, TrafficSample.HeldOutSeed, progress: null, TestContext.Current.CancellationToken);

        // About 280 vehicles and 180 people: three standard errors are some nine points at worst.
        Assert.All(part.Detectors, d => Assert.InRange(d.MeanAp50, s_report.Of(d.Name)!.Value - 0.09, s_report.Of(d.Name)!.Value + 0.09));
        Assert.All(part.Classifiers, c => Assert.InRange(c.Top1, s_report.Of(c.Name)!.Value - 0.1, s_report.Of(c.Name)!.Value + 0.1));
        Assert.True(part.Detectors[^1].MeanAp50 > part.Detectors[0].MeanAp50);
    }
}
