using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Cli.Annotate;
using ServerlessLoki.Cli.Cores;
using ServerlessLoki.Cli.Demo;
using ServerlessLoki.Cli.Figures;
using ServerlessLoki.Cli.Inference;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Cli.Plugins;
using ServerlessLoki.Embedded;
using ServerlessLoki.Planning;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Command <c>loki demo</c>: four phases of load against a host in this process, under two policies.</summary>
internal static class DemoCommand
{
    private const int PoolSize = 48;

    /// <summary>Builds the command.</summary>
    public static Command Create(CliConsole console, Known known)
    {
        var pipeline = CommonOptions.Pipeline();
        var policy = CommonOptions.Policy(known.Policies, PlanningPolicies.Default);
        var output = new Option<DirectoryInfo>("--out")
        {
            Description = "Folder for the page and the picture of the results, the annotated scene and the host's data",
            DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("data", "demo")),
            HelpName = "DIR",
        };
        var port = CommonOptions.Port("8080, or a free one when it is taken");
        var slots = CommonOptions.Slots();
        var once = new Option<bool>("--once") { Description = "End after the demo: 1 = a promise was broken, 0 = none was; what others disturbed too much is not judged" };
        var quick = new Option<bool>("--quick") { Description = "Short phases, for a first look; too short to judge the promises by" };
        var verbose = new Option<bool>("--verbose") { Description = "Log every decision to standard error" };
        var command = new Command("demo", "Show it: light, rising, heavy and light load, then keep serving")
        {
            pipeline, policy, output, port, slots, once, quick, verbose,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var logs = ServedHost.Logs(parsed.GetValue(verbose) ? LogLevel.Debug : null);
            var folder = parsed.GetValue(output)!.FullName;
            var options = new EmbeddedHostOptions
            {
                PipelineFiles = [CommonOptions.PathOf(parsed.GetValue(pipeline))],
                DataDirectory = Path.Combine(folder, "host"),
                Slots = parsed.GetValue(slots),
                Port = parsed.GetValue(port) ?? 8080,
                Policy = PlanningPolicies.HardwareOnly,
                Engine = new EngineOptions { KnownPolicies = known.Policies },
                LoggerFactory = logs,
            };
            var host = await StartAsync(options, parsed.GetValue(port) is null, cancellationToken).ConfigureAwait(false);
            await using (host.ConfigureAwait(false))
            {
                var exitCode = await ShowAsync(
                    console, host, new MachineCores(), parsed.GetValue(policy)!, parsed.GetValue(quick), folder, cancellationToken).ConfigureAwait(false);
                if (!parsed.GetValue(once))
                    await ServeOnAsync(console, host, cancellationToken).ConfigureAwait(false);
                return parsed.GetValue(once) ? exitCode : ExitCodes.Ok;
            }
        });
        return command;
    }

    private static async Task<EmbeddedHost> StartAsync(EmbeddedHostOptions options, bool anyPort, CancellationToken cancellationToken)
    {
        try
        {
            return await ServedHost.StartAsync(options, cancellationToken).ConfigureAwait(false);
        }
        catch (FailureException e) when (anyPort && ServedHost.IsTaken(e))
        {
            return await ServedHost.StartAsync(options with { Port = 0 }, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<int> ShowAsync(
        CliConsole console, EmbeddedHost host, ICores cores, string policy, bool quick, string folder, CancellationToken cancellationToken)
    {
        var pipeline = host.Engine.Pipelines[0].Pipeline;
        var sloMs = pipeline.SloUs / 1000.0;
        var model = DemoModel.Of(pipeline);
        console.Line($"Serving '{pipeline.Name}' at {host.BaseAddress} on {Environment.ProcessorCount} cores.");
        if (!pipeline.Input.IsImage)
            throw new BadInputException($"--pipeline: the demo sends street scenes, but '{pipeline.Name}' does not take images");
        var input = new TensorSpec(pipeline.Input.Name, pipeline.Input.Datatype, pipeline.Input.Shape);
        using var target = new HttpLoadTarget(
            host.BaseAddress, pipeline.Name, BodyPool.Scenes(input, PoolSize, TrafficSample.HeldOutSeed), TimeSpan.FromSeconds(10));
        var outcome = await new DemoRunner(console, new EmbeddedDemoHost(host.Engine), target, model, sloMs, cores, TimeProvider.System)
            .RunAsync(policy, quick, cancellationToken).ConfigureAwait(false);
        console.Line();
        DemoTables.Print(console.Screen, outcome.Runs, model, outcome.Promises);
        Directory.CreateDirectory(folder);
        var (page, picture) = (Path.Combine(folder, "demo.html"), Path.Combine(folder, "demo.png"));
        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores ({RuntimeInformation.ProcessArchitecture}), SLO {sloMs:0.#} ms. The most accurate path sustains {outcome.SustainedQps:F1} queries/s here; all figures measured by the client over HTTP, latencies from the intended send times.");
        await File.WriteAllTextAsync(page, DemoPage.Render(outcome.Runs, model, outcome.Promises, summary), cancellationToken).ConfigureAwait(false);
        await File.WriteAllBytesAsync(picture, FigurePicture.Render(DemoFigures.Picture(outcome.Runs, model), 1, 900, 200), cancellationToken).ConfigureAwait(false);
        var scene = await AnnotateAsync(host, folder, cancellationToken).ConfigureAwait(false);
        console.Line();
        console.Line($"Page:    {page}");
        console.Line($"Picture: {picture}");
        console.Line($"Scene:   {scene}");
        console.Document(new
        {
            url = host.BaseAddress.ToString(),
            pipeline = pipeline.Name,
            sloMs,
            outcome.SustainedQps,
            runs = outcome.Runs.Select(r => new
            {
                r.Policy,
                phases = Enumerable.Range(0, r.Phases.Length).Select(p => new
                {
                    report = r.Report(p), pointsBelowBest = r.PointsBelowBest(r.Of(p)), othersShare = r.OthersShare(p), othersWorst = r.OthersWorst(p),
                }),
            }),
            outcome.Promises,
            outcome.Passed,
            held = outcome.Promises.All(p => p.Held),
            othersLimit = DemoPromises.OthersLimit,
            page,
            picture,
            scene,
        });
        return outcome.ExitCode;
    }

    /// <summary>Annotates the scene of the pool with the most objects by the pipeline's answer.</summary>
    private static async Task<string> AnnotateAsync(EmbeddedHost host, string folder, CancellationToken cancellationToken)
    {
        var seed = Enumerable.Range(0, PoolSize).Select(i => TrafficSample.HeldOutSeed + (ulong)i)
            .MaxBy(s => SceneGenerator.Generate(s).Objects.Count);
        using var image = SceneGenerator.Generate(seed).Image;
        var answer = await LocalInference.AskAsync(host.Engine, PictureCodec.EncodePng(image), cancellationToken).ConfigureAwait(false);
        using var annotated = Annotator.Draw(image, answer.Marks());
        var path = Path.Combine(folder, "scene.png");
        await File.WriteAllBytesAsync(path, PictureCodec.EncodePng(annotated), cancellationToken).ConfigureAwait(false);
        return path;
    }

    private static async Task ServeOnAsync(CliConsole console, EmbeddedHost host, CancellationToken cancellationToken)
    {
        console.Line();
        console.Line($"Still serving at {host.BaseAddress}. Try:");
        foreach (var line in ServedHost.TryLines(host))
            console.Line(line);
        console.Line("Ctrl-C stops.");
        await ServedHost.UntilStoppedAsync(cancellationToken).ConfigureAwait(false);
    }
}
