using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using ServerlessLoki.Cli.Figures;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Cli.Pages;
using ServerlessLoki.Cli.Profiling;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Models.Profiling;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Command <c>loki profile</c>: measures batch times of each variant on this machine.</summary>
internal static class ProfileCommand
{
    private const int MaxBatch = 1024;

    /// <summary>Builds the command.</summary>
    public static Command Create(CliConsole console)
    {
        var pipeline = CommonOptions.Pipeline();
        var batches = new Option<int[]>("--batch")
        {
            Description = "Batch sizes",
            DefaultValueFactory = _ => [1, 2, 4, 8, 16, 32],
            HelpName = "N,N,…",
            CustomParser = r => ParseBatches(r.Tokens[0].Value, r.AddError),
        };
        var output = new Option<FileInfo>("--out")
        {
            Description = "CSV to write, its curves beside it as a picture (PNG) and a page to explore (HTML); default profile.csv",
            DefaultValueFactory = _ => new FileInfo("profile.csv"),
            HelpName = "FILE",
        };
        var seconds = new Option<double>("--seconds")
        {
            Description = "Measured time per variant and batch size",
            DefaultValueFactory = _ => 1,
            HelpName = "S",
        }.Within(0.001, 600);
        var threads = new Option<int>("--threads")
        {
            Description = "Threads inside one run; the server uses 1",
            DefaultValueFactory = _ => 1,
            HelpName = "N",
        }.Within(1, 1024);
        var provider = new Option<ExecutionProvider>("--provider") { Description = "What computes", DefaultValueFactory = _ => ExecutionProvider.Cpu };
        var device = new Option<string>("--device") { Description = "Device type name in the profile; default the provider's", HelpName = "NAME" };
        var command = new Command("profile", "Measure latency and throughput of each variant and batch size on this machine")
        {
            pipeline, batches, output, seconds, threads, provider, device,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var csv = parsed.GetValue(output)!.FullName;
            var (picture, page) = (Path.ChangeExtension(csv, ".png"), Path.ChangeExtension(csv, ".html"));
            if (csv == picture || csv == page)
                throw new BadInputException($"--out: found '{csv}', allowed: the name of a CSV file; the picture and the page beside it get .png and .html");
            var sizes = parsed.GetValue(batches)!;
            var options = new ProfileOptions { PerPoint = TimeSpan.FromSeconds(parsed.GetValue(seconds)) };
            var model = new ModelOptions { MaxBatch = sizes.Max(), Threads = parsed.GetValue(threads), Provider = parsed.GetValue(provider) };
            var source = (await PipelineFiles.ReadAsync(
                [CommonOptions.PathOf(parsed.GetValue(pipeline))], TransformRegistry.Default, model, cancellationToken).ConfigureAwait(false))[0];
            var name = parsed.GetValue(device) ?? parsed.GetValue(provider).ToString().ToLowerInvariant();
            var (measured, held) = await Task.Run(() => Measure(console, source, sizes, options, model, name, cancellationToken), cancellationToken).ConfigureAwait(false);
            Directory.CreateDirectory(Path.GetDirectoryName(csv)!);
            await File.WriteAllTextAsync(csv, ProfileCsv.Write(Profiler.ToProfile(measured)), cancellationToken).ConfigureAwait(false);
            await File.WriteAllBytesAsync(picture, FigurePicture.Render(ProfileFigures.Of(source.Pipeline, measured), 2, 480, 260), cancellationToken).ConfigureAwait(false);
            await File.WriteAllTextAsync(page, Page(source.Pipeline, name, measured), cancellationToken).ConfigureAwait(false);
            ProfileTables.Print(console.Screen, source.Pipeline, measured);
            foreach (var (variant, because) in held)
                console.Line($"{variant} runs one row at a time: {because}");
            console.Line($"Wrote {csv}, {picture} and {page}");
            console.Document(new
            {
                pipeline = source.Pipeline.Name,
                device = name,
                csv,
                picture,
                page,
                one_row = held.Select(h => new { h.Variant, h.Because }),
                rows = measured.Select(m => new
                {
                    m.Row.Variant, m.Row.Batch, m.Samples, m.Row.P50Ms, m.Row.P90Ms, m.Row.P95Ms, m.Row.P99Ms, qps = ProfileTables.Qps(m.Row),
                }),
            });
            return ExitCodes.Ok;
        });
        return command;
    }

    private static string Page(Pipeline pipeline, string device, ImmutableArray<ProfileMeasurement> measured) => FigurePage.Render(
        $"{pipeline.Name}: latency and throughput by batch size",
        $"Measured on the device '{device}': the median of at least {measured.Min(m => m.Samples)} runs for each point.",
        [.. pipeline.Tasks.Select(t => new FigureSection(t.Name, ProfileFigures.Of(t, measured)))]);

    private static (ImmutableArray<ProfileMeasurement> Measured, ImmutableArray<(string Variant, string Because)> Held) Measure(
        CliConsole console, PipelineSource source, int[] sizes, ProfileOptions options, ModelOptions model, string device, CancellationToken cancellationToken)
    {
        var targets = new List<ProfileTarget>();
        try
        {
            foreach (var variant in source.Pipeline.Tasks.SelectMany(t => t.Variants))
                targets.Add(new ProfileTarget(variant.Name, device, OnnxModel.Load(variant, source.ModelPath(variant), model)));
            var measured = ProfileProgressView.Show(
                console, progress => Profiler.Measure(targets, sizes, options, TimeProvider.System, progress, cancellationToken));
            return (measured, [.. targets.Where(t => t.Model.HeldBecause is not null).Select(t => (t.Variant, t.Model.HeldBecause!))]);
        }
        catch (ModelException e)
        {
            throw new FailureException(e.Message, e);
        }
        finally
        {
            targets.ForEach(t => t.Model.Dispose());
        }
    }

    private static int[] ParseBatches(string text, Action<string> fault)
    {
        var sizes = new SortedSet<int>();
        foreach (var cell in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (int.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size is >= 1 and <= MaxBatch)
                sizes.Add(size);
            else
                fault($"--batch: found '{cell}', allowed: sizes from 1 up to {MaxBatch}, such as 1,2,4,8");
        }

        return [.. sizes];
    }
}
