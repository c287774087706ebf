using System.CommandLine;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Options that several commands share. Each call makes a new option, since an option belongs to one command.</summary>
internal static class CommonOptions
{
    /// <summary>Makes the option <c>--pipeline FILE</c>, by default the traffic sample.</summary>
    public static Option<FileInfo> Pipeline() => new Option<FileInfo>("--pipeline")
    {
        Description = "Pipeline file; default the traffic sample",
        HelpName = "FILE",
    }.MustExist();

    /// <summary>Makes the option <c>--policy NAME</c>.</summary>
    public static Option<string> Policy(PolicyRegistry known, string fallback)
    {
        var option = new Option<string>("--policy")
        {
            Description = $"Planning policy: {string.Join(", ", known.Names)}",
            DefaultValueFactory = _ => fallback,
            HelpName = "NAME",
        };
        option.Validators.Add(r =>
        {
            if (r.Tokens.Count == 1 && !known.Names.Contains(r.Tokens[0].Value, StringComparer.Ordinal))
                r.AddError($"--policy: found '{r.Tokens[0].Value}', allowed: {string.Join(", ", known.Names)}");
        });
        return option;
    }

    /// <summary>Makes the option <c>--forecaster NAME</c>.</summary>
    public static Option<string> Forecaster(ForecasterRegistry known)
    {
        var option = new Option<string>("--forecaster")
        {
            Description = "Demand forecaster, several joined by + give the most cautious. One of:\n" + string.Join('\n', known.Notes.Select(n => $"{n.Name}: {n.Summary}")),
            DefaultValueFactory = _ => Forecasters.Default,
            HelpName = "NAME",
        };
        option.Validators.Add(r =>
        {
            if (r.Tokens.Count != 1)
                return;
            using var models = new SequenceModels(Environment.CurrentDirectory);
            if (known.FaultOf(r.Tokens[0].Value, models.Load) is { } fault)
                r.AddError($"--forecaster: {fault}");
        });
        return option;
    }

    /// <summary>Makes the option <c>--profile FILE</c>.</summary>
    public static Option<FileInfo> Profile() => new Option<FileInfo>("--profile")
    {
        Description = "Latencies from 'loki profile' (CSV); default: measured briefly at the first start",
        HelpName = "FILE",
    }.MustExist();

    /// <summary>Makes the option <c>--slots N</c>.</summary>
    public static Option<int?> Slots() => new Option<int?>("--slots")
    {
        Description = "Places where a variant runs; default eight per core",
        HelpName = "N",
    }.Within(1, 4096);

    /// <summary>Makes the option <c>--slot-memory MIB</c>.</summary>
    public static Option<double?> SlotMemory() => new Option<double?>("--slot-memory")
    {
        Description = "Memory of a slot for models, MiB: it may hold several variants of a task and choose with each batch; default one variant in a slot, slackfit all",
        HelpName = "MIB",
    }.Within(0.001, 1e9);

    /// <summary>Makes the option <c>--port P</c>.</summary>
    public static Option<int?> Port(string fallback) => new Option<int?>("--port")
    {
        Description = $"TCP port, 0 = any free one; default {fallback}",
        HelpName = "P",
    }.Within(0, 65_535);

    /// <summary>Returns the path of the pipeline file in use.</summary>
    public static string PathOf(FileInfo? pipeline) => pipeline?.FullName ?? TrafficSample.PipelinePath;
}
