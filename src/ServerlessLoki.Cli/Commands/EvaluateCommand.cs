using System.CommandLine;
using System.Globalization;
using ServerlessLoki.Cli.Evaluation;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Trials;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Command <c>loki evaluate</c>: measures the accuracy of each variant and each path on labelled data.</summary>
internal static class EvaluateCommand
{
    private const int MaxBatch = 8;

    /// <summary>Builds the command.</summary>
    public static Command Create(CliConsole console)
    {
        var pipeline = CommonOptions.Pipeline();
        var data = new Option<FileSystemInfo>("--data")
        {
            Description = "Labelled data: folders named by class, a COCO file, a CSV file (columns text or image, label), or JSON lines",
            HelpName = "DIR|FILE",
            Required = true,
            CustomParser = static r => Directory.Exists(r.Tokens[0].Value) ? new DirectoryInfo(r.Tokens[0].Value) : new FileInfo(r.Tokens[0].Value),
        };
        data.Validators.Add(r =>
        {
            if (r.Tokens.Count == 1 && !Path.Exists(r.Tokens[0].Value))
                r.AddError($"--data: there is no folder and no file '{r.Tokens[0].Value}'");
        });
        var limit = new Option<int?>("--limit") { Description = "Measure on so many samples, spread evenly over the data; default all", HelpName = "N" }.Within(1, int.MaxValue);
        var write = new Option<bool>("--write") { Description = "Write the measured accuracies into the pipeline file, and how they were measured" };
        var command = new Command("evaluate", "Measure the accuracy of each variant and each path on your own labelled data") { pipeline, data, limit, write };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var file = CommonOptions.PathOf(parsed.GetValue(pipeline));
            using var target = parsed.GetValue(write) ? PromisedFile.Claim("--write", new FileInfo(file)) : null;
            var options = new ModelOptions { MaxBatch = MaxBatch };
            var source = (await PipelineFiles.ReadAsync([file], TransformRegistry.Default, options, cancellationToken).ConfigureAwait(false))[0];
            var (read, report) = await Task.Run(() => Measure(console, source, parsed.GetRequiredValue(data).FullName, parsed.GetValue(limit), options, cancellationToken), cancellationToken).ConfigureAwait(false);
            EvaluationTables.Print(console, report);
            if (!read.Ignored.IsEmpty)
                console.Line($"Not used of the data: {string.Join(", ", read.Ignored)}");
            if (target is not null)
            {
                var measured = report.Variants.ToDictionary(static v => v.Variant, v => (Math.Round(v.Score.Value, 4), How(v, read.Name)), StringComparer.Ordinal);
                await target.KeepAsync(PipelineFileEdit.Apply(await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false), measured), cancellationToken).ConfigureAwait(false);
                console.Line($"Wrote {measured.Count} accuracies into {target.Path}");
            }

            console.Document(new
            {
                pipeline = source.Pipeline.Name, data = read.Name, read.Layout, samples = read.Samples.Length, variants = report.Variants, paths = report.Paths, notes = report.Notes, ignored = read.Ignored, written = target?.Path,
            });
            return ExitCodes.Ok;
        });
        return command;
    }

    private static (LabelledData Data, EvaluationReport Report) Measure(
        CliConsole console, PipelineSource source, string path, int? limit, ModelOptions options, CancellationToken cancellationToken)
    {
        var data = LabelledData.Read(path, source.Pipeline).Limited(limit);
        var boxes = data.Samples.Any(static s => !s.Boxes.IsEmpty) || data.Layout == LabelledData.Coco ? new BoxEvaluation(source.Pipeline, data) : null;
        var answers = boxes is null ? new AnswerEvaluation(source.Pipeline, data) : null;
        console.Line(string.Create(CultureInfo.InvariantCulture, $"{data.Name}: {data.Samples.Length} samples ({data.Layout})"));
        try
        {
            using var trial = PipelineTrial.Open(source, TransformRegistry.Default, options);
            return (data, EvaluationProgress.Show(console, data.Samples.Length, progress => boxes?.Run(trial, progress, cancellationToken) ?? answers!.Run(trial, progress, cancellationToken)));
        }
        catch (ModelException e)
        {
            throw new FailureException(e.Message, e);
        }
    }

    private static string How(VariantScore score, string data) => string.Create(
        CultureInfo.InvariantCulture,
        $"{score.Metric}{(score.Behind is null ? "" : $" behind {score.Behind}")} on {data}, N {score.Count}, 95 % {score.Score.Interval}{(score.Strict is { } strict ? $", mAP@0.5:0.95 {strict:F3}" : "")}, {TimeProvider.System.GetUtcNow():yyyy-MM-dd}, loki evaluate");
}
