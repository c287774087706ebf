using System.CommandLine;
using System.IO.Compression;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Samples;
using ServerlessLoki.Samples.Evaluation;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;
using Spectre.Console;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Command <c>loki sample</c>: draws, exports and measures the sample pipeline "traffic".</summary>
internal static class SampleCommand
{
    private const int MaxScenes = 1_000_000;

    /// <summary>Builds the command with its three subcommands.</summary>
    public static Command Create(CliConsole console) =>
        new("sample", "The sample pipeline \"traffic\": draw its scenes, export them for training, measure its accuracy")
        {
            Scenes(console),
            Export(console),
            Evaluate(console),
        };

    private static Command Scenes(CliConsole console)
    {
        var folder = Folder("Where the PNG files go");
        var count = Count("--count", "How many scenes", 12);
        var seed = Seed(TrafficSample.HeldOutSeed);
        var command = new Command("scenes", "Write scenes as PNG files") { folder, count, seed };
        command.SetAction((parsed, cancellationToken) =>
        {
            var directory = parsed.GetRequiredValue(folder);
            directory.Create();
            var files = new List<string>();
            for (var i = 0; i < parsed.GetValue(count); i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var scene = SceneGenerator.Generate(parsed.GetValue(seed) + (ulong)i);
                files.Add(Path.Combine(directory.FullName, $"scene-{scene.Seed}.png"));
                File.WriteAllBytes(files[^1], PictureCodec.EncodePng(scene.Image, CompressionLevel.Optimal));
            }

            console.Line($"{files.Count} scenes in {directory.FullName}");
            console.Document(new { files });
            return Task.FromResult(ExitCodes.Ok);
        });
        return command;
    }

    private static Command Export(CliConsole console)
    {
        var folder = Folder("Where images.u8 and objects.csv go");
        var count = Count("--scenes", "How many scenes", 8000);
        var seed = Seed(TrafficSample.TrainingSeed);
        var command = new Command("export", "Write raw scenes and their objects for scripts/train-sample-models.py") { folder, count, seed };
        command.SetAction((parsed, cancellationToken) =>
        {
            var directory = parsed.GetRequiredValue(folder).FullName;
            var scenes = parsed.GetValue(count);
            Watch(console, "drawing", scenes, progress => SceneExport.Write(directory, scenes, parsed.GetValue(seed), progress, cancellationToken));
            console.Line($"{scenes} scenes in {directory}");
            console.Document(new { directory, scenes, seed = parsed.GetValue(seed) });
            return Task.FromResult(ExitCodes.Ok);
        });
        return command;
    }

    private static Command Evaluate(CliConsole console)
    {
        var folder = new Option<DirectoryInfo>("--sample")
        {
            Description = "Folder with pipeline.json and the models; accuracy.json is written there and pipeline.json brought up to date. Without it nothing is written",
        };
        var count = Count("--scenes", "How many scenes", TrafficSample.HeldOutScenes);
        var seed = Seed(TrafficSample.HeldOutSeed);
        var command = new Command("evaluate", "Measure every variant and every path on scenes that training never saw") { folder, count, seed };
        command.SetAction((parsed, cancellationToken) =>
        {
            var target = parsed.GetValue(folder)?.FullName;
            var pipeline = Path.Combine(target ?? TrafficSample.Directory, "pipeline.json");
            if (!File.Exists(pipeline))
            {
                throw new BadInputException($"--sample: there is no file '{pipeline}'");
            }

            var report = Measure(console, pipeline, parsed.GetValue(count), parsed.GetValue(seed), cancellationToken);
            if (target is not null)
            {
                File.WriteAllText(Path.Combine(target, "accuracy.json"), report.ToJson());
                File.WriteAllText(pipeline, PipelineAccuracies.Apply(File.ReadAllText(pipeline), report));
            }

            Show(console, report);
            console.Document(report);
            return Task.FromResult(ExitCodes.Ok);
        });
        return command;
    }

    private static AccuracyReport Measure(CliConsole console, string pipeline, int scenes, ulong seed, CancellationToken cancellationToken)
    {
        AccuracyReport? report = null;
        try
        {
            Watch(console, "measuring", scenes, progress => report = TrafficEvaluator.Evaluate(pipeline, scenes, seed, progress, cancellationToken));
        }
        catch (PipelineFormatException e)
        {
            throw new BadInputException(e.Message);
        }
        catch (ModelException e)
        {
            throw new FailureException(e.Message);
        }

        return report!;
    }

    private static void Show(CliConsole console, AccuracyReport report)
    {
        var parts = new Table().AddColumns("variant", "accuracy", "of which");
        foreach (var d in report.Detectors)
        {
            parts.AddRow(d.Name, $"{d.MeanAp50:P1}", $"car {d.CarAp50:P1}, person {d.PersonAp50:P1}");
        }

        foreach (var c in report.Classifiers)
        {
            parts.AddRow(c.Name, $"{c.Top1:P1}", string.Empty);
        }

        console.Screen.Write(parts);
        var (first, last) = (report.Paths[0], report.Paths[^1]);
        console.Line($"smallest path: end to end {first.EndToEnd:P1}, product of the parts {first.Product:P1}");
        console.Line($"largest path: end to end {last.EndToEnd:P1}, product of the parts {last.Product:P1}");
        console.Line($"{report.Scenes} scenes from seed {report.FirstSeed}: {report.Vehicles} vehicles, {report.Persons} people");
    }

    private static void Watch(CliConsole console, string what, int total, Action<IProgress<int>> work) =>
        console.Screen.Progress().Start(context =>
        {
            var task = context.AddTask(what, maxValue: total);
            work(new Advance(task));
        });

    private static Option<DirectoryInfo> Folder(string description) => new("--out") { Description = description, Required = true };

    private static Option<int> Count(string name, string description, int value) =>
        new Option<int>(name) { Description = description, DefaultValueFactory = _ => value }.Within(1, MaxScenes);

    private static Option<ulong> Seed(ulong value) =>
        new Option<ulong>("--seed") { Description = "Seed of the first scene; the others follow", DefaultValueFactory = _ => value }.Within(0UL, ulong.MaxValue);

    // Unlike Progress<T> it reports on the caller's thread, in order.
    private sealed class Advance(ProgressTask task) : IProgress<int>
    {
        public void Report(int value) => task.Value = value;
    }
}
