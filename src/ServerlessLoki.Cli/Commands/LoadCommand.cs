using System.CommandLine;
using System.CommandLine.Parsing;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Command <c>loki load</c>: sends load to a running server and reports the results.</summary>
internal static class LoadCommand
{
    private const int MaxQueries = 5_000_000;

    /// <summary>Builds the command.</summary>
    public static Command Create(CliConsole console)
    {
        var url = new Option<Uri>("--url") { Description = "Base address of the server", Required = true, HelpName = "URL" }.MustBeHttp();
        var rate = new Option<double?>("--rate") { Description = "Queries per second", HelpName = "QPS" }.Within(0.001, 1e6);
        var trace = new Option<FileInfo>("--trace")
        {
            Description = "Rates from a file: lines 'seconds,qps[,name]', 'seconds,fromQps,toQps[,name]', or one number per second",
            HelpName = "FILE",
        }.MustExist();
        // A rule of the command would hide what is wrong with single options: it is the option's that must be there.
        url.Validators.Add(r =>
        {
            if (r.GetResult(rate) is null == r.GetResult(trace) is null)
                r.AddError("give one of --rate QPS and --trace FILE");
        });
        var duration = new Option<double?>("--duration")
        {
            Description = "Seconds; default 10, with --trace the whole trace",
            HelpName = "S",
        }.Within(0.1, 86_400);
        var arrivals = new Option<ArrivalKind>("--arrivals") { Description = "Gaps between queries", DefaultValueFactory = _ => ArrivalKind.Poisson };
        var pipeline = new Option<string>("--pipeline") { Description = "Pipeline name; default the server's first", HelpName = "NAME" };
        var slo = new Option<double?>("--slo") { Description = "Latency objective in ms; default the server's own", HelpName = "MS" }.Within(0.1, 3_600_000);
        var deadline = new Option<double?>("--deadline")
        {
            Description = "Deadline that each query asks for, ms, shorter or longer than the SLO; default none: the server's SLO",
            HelpName = "MS",
        }.Within(0.1, 86_400_000);
        var image = new Option<FileInfo[]>("--image")
        {
            Description = $"Picture files ({PictureFormats.Names}) to send instead of generated scenes",
            HelpName = "FILE",
            AllowMultipleArgumentsPerToken = true,
        };
        image.Validators.Add(r => CheckFiles("--image", r));
        var audio = new Option<FileInfo[]>("--audio") { Description = "WAV files to send", HelpName = "FILE", AllowMultipleArgumentsPerToken = true };
        audio.Validators.Add(r =>
        {
            CheckFiles("--audio", r);
            if (r.GetResult(image) is not null)
                r.AddError("--audio: a pipeline takes pictures or sounds; give --image or --audio");
        });
        var seed = new Option<ulong>("--seed") { Description = "Same seed, same load", DefaultValueFactory = _ => 1, HelpName = "N" }.Within(0UL, ulong.MaxValue);
        var inFlight = new Option<int>("--max-in-flight")
        {
            Description = "Queries waiting for an answer at most; more are counted as not sent",
            DefaultValueFactory = _ => 2048,
            HelpName = "N",
        }.Within(1, 65_536);
        var timeout = new Option<double>("--timeout") { Description = "Seconds to wait for an answer", DefaultValueFactory = _ => 10, HelpName = "S" }.Within(0.01, 3600);
        var command = new Command("load", "Offer load to a running server: open loop, latency counted from the intended send time")
        {
            url, rate, trace, duration, arrivals, pipeline, slo, deadline, image, audio, seed, inFlight, timeout,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var phases = Phases(parsed.GetValue(rate), parsed.GetValue(trace), parsed.GetValue(duration));
            var server = Base(parsed.GetValue(url)!);
            var info = await ServerInfo.AskAsync(server, parsed.GetValue(pipeline), cancellationToken).ConfigureAwait(false);
            var sloMs = parsed.GetValue(slo) ?? info.SloMs ?? double.PositiveInfinity;
            var seedValue = parsed.GetValue(seed);
            var bodies = Bodies(parsed.GetValue(image), parsed.GetValue(audio), info.Inputs, seedValue);
            using var target = new HttpLoadTarget(server, info.Pipeline, bodies, TimeSpan.FromSeconds(parsed.GetValue(timeout)), parsed.GetValue(deadline));
            var schedule = ArrivalSchedule.Build(phases, parsed.GetValue(arrivals), seedValue);
            var generator = new LoadGenerator(target, TimeProvider.System, parsed.GetValue(inFlight));
            var run = generator.RunAsync(schedule, seedValue, cancellationToken);
            await LoadProgress.ShowAsync(console, generator, phases, sloMs, run).ConfigureAwait(false);
            var records = await run.ConfigureAwait(false);
            var reports = LoadReports.PerPhase(phases, records, sloMs);
            LoadTables.Print(console.Screen, info.Pipeline, sloMs, reports);
            console.Document(new { url = server.ToString(), pipeline = info.Pipeline, sloMs, deadlineMs = parsed.GetValue(deadline), phases = reports[..^1], total = reports[^1] });
            return reports[^1].Completed > 0 ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }

    /// <summary>Returns a base address whose path ends with a slash, so that relative addresses extend it.</summary>
    public static Uri Base(Uri url) => url.AbsolutePath.EndsWith('/') ? url : new Uri(url.AbsoluteUri + "/");

    private static IReadOnlyList<LoadPhase> Phases(double? rate, FileInfo? trace, double? seconds)
    {
        if (rate is { } qps)
            return Checked([new LoadPhase("steady", qps, qps, TimeSpan.FromSeconds(seconds ?? 10))]);
        var phases = LoadTrace.Parse(trace!.Name, File.ReadAllLines(trace.FullName));
        return Checked(seconds is { } cut ? LoadTrace.Cut(phases, TimeSpan.FromSeconds(cut)) : phases);
    }

    private static IReadOnlyList<LoadPhase> Checked(IReadOnlyList<LoadPhase> phases)
    {
        var queries = phases.Sum(p => p.ExpectedQueries);
        return queries <= MaxQueries
            ? phases
            : throw new BadInputException($"this load has {queries:N0} queries, allowed: {MaxQueries:N0}; lower the rate or the duration");
    }

    private static void CheckFiles(string option, OptionResult result)
    {
        foreach (var token in result.Tokens.Where(t => !File.Exists(t.Value)))
            result.AddError($"{option}: there is no file '{token.Value}'");
    }

    private static IReadOnlyList<QueryBody> Bodies(FileInfo[]? images, FileInfo[]? sounds, IReadOnlyList<TensorSpec> inputs, ulong seed) =>
        images is { Length: > 0 } ? [.. images.Select(f => QueryBody.Picture(File.ReadAllBytes(f.FullName)))]
        : sounds is { Length: > 0 } ? [.. sounds.Select(f => QueryBody.Sound(File.ReadAllBytes(f.FullName)))]
        : inputs is [{ IsImage: true } image] ? BodyPool.Scenes(image, 64, seed)
        : BodyPool.Random(inputs, 64, seed);
}
