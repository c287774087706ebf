using ServerlessLoki.Cli.Commands;
using ServerlessLoki.Embedded;
using ServerlessLoki.Planning;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Trials;

namespace ServerlessLoki.Cli.Tests.Evaluation;

/// <summary>What a trial answers is what the engine answers along the same variants.</summary>
public sealed class TrialTests
{
    [Fact]
    public async Task Answers_OfScenes_AreTheEngines()
    {
        using var data = new TempFolder();
        var options = new EmbeddedHostOptions
        {
            PipelineFiles = [TrafficSample.PipelinePath], DataDirectory = data.Path, Port = 0, Policy = PlanningPolicies.HardwareOnly,
            ProfileFile = Path.Combine(TrafficSample.Directory, "profile.csv"),
        };
        var host = await ServedHost.StartAsync(options, TestContext.Current.CancellationToken);
        await using (host)
        {
            var source = (await PipelineFiles.ReadAsync([TrafficSample.PipelinePath], TransformRegistry.Default, new ModelOptions(), TestContext.Current.CancellationToken))[0];
            using var trial = PipelineTrial.Open(source, TransformRegistry.Default, new ModelOptions { MaxBatch = 4 });
            using var session = trial.CreateSession();
            for (var seed = TrafficSample.HeldOutSeed; seed < TrafficSample.HeldOutSeed + 3; seed++)
            {
                var served = await host.Engine.SubmitAsync(
                    new QueryRequest { Pipeline = "traffic", Input = new ImageInput(SceneGenerator.Generate(seed).Image), IgnoreSlo = true }, TestContext.Current.CancellationToken);
                Assert.Equal(QueryOutcome.Completed, served.Outcome);
                var choice = source.Pipeline.Tasks.Select(t => served.Answers.FirstOrDefault(a => a.Task == t.Index)?.Variant ?? 0).ToArray();

                using var query = session.Begin(new ImageInput(SceneGenerator.Generate(seed).Image), []);
                var tried = query.Answers(choice);

                Assert.True(served.Answers.Count > 1, "a scene without children shows little");
                Assert.Equal(Told(served.Answers), Told(tried));
            }
        }
    }

    /// <summary>Answers in one order, whatever order they came in.</summary>
    private static List<string> Told(IReadOnlyList<StageAnswer> answers) =>
        [.. answers.Select(static a => $"{a.Task} {a.Variant} of {a.ParentRow}: {string.Join("; ", a.Rows.Select(static r => $"{r.Label} {r.Score:F3} {r.X1:F3} {r.Y1:F3} {r.X2:F3} {r.Y2:F3}"))}").Order(StringComparer.Ordinal)];
}
