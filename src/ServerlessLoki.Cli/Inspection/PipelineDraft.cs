using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>A first pipeline file for one model.</summary>
/// <param name="Root">Its content.</param>
/// <param name="Folder">Full path of its folder: the paths in it are relative to that.</param>
internal sealed record PipelineDraft(JsonObject Root, string Folder)
{
    /// <summary>Said where the accuracy of a variant came from.</summary>
    public const string Unmeasured = "not measured: put your own figure";

    /// <summary>Objective of a first file, milliseconds.</summary>
    public const int SloMs = 1000;

    private const int LongestName = 60;
    private static readonly string[] s_paths = ["tokenizer", "labelsFile"];

    /// <summary>Why it cannot be served, in the words of <c>loki up</c>; empty when it can.</summary>
    public ImmutableArray<Fault> Faults { get; private init; } = [];

    /// <summary>Why rows run one at a time; null where they do not, or nobody tried.</summary>
    public string? HeldBecause { get; private init; }

    /// <summary>The file's text.</summary>
    public string Text => PipelineText.Of(Root);

    /// <summary>Writes down a guess and holds it against the model, as <c>loki up</c> will.</summary>
    public static PipelineDraft Of(Guess guess, ModelFacts facts, string folder)
    {
        var name = NameOf(facts.Path);
        var task = new JsonObject { ["name"] = guess.Task };
        if (guess.Input is not null)
            task["input"] = Relative(guess.Input, folder);
        if (guess.Output is not null)
            task["output"] = Relative(guess.Output, folder);
        task["variants"] = new JsonArray(new JsonObject { ["name"] = $"{name}-1", ["model"] = Relative(facts.Path, folder), ["accuracy"] = 1, ["measured"] = Unmeasured });
        var root = new JsonObject { ["name"] = name, ["sloMs"] = SloMs, ["input"] = guess.Query.DeepClone(), ["tasks"] = new JsonArray(task) };
        return new PipelineDraft(root, folder).Check();
    }

    /// <summary>A name of pipelines, from the file's name, or its folder's where all models are called so.</summary>
    internal static string NameOf(string path)
    {
        var stem = Path.GetFileNameWithoutExtension(path);
        if (stem == "model" || stem.StartsWith("model_", StringComparison.Ordinal))
        {
            var folder = Path.GetDirectoryName(path);
            if (Path.GetFileName(folder) == "onnx")
                folder = Path.GetDirectoryName(folder);
            stem = Path.GetFileName(folder) is { Length: > 0 } named ? named : stem;
        }

        var name = string.Concat(stem.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-')).TrimStart('-', '_', '.');
        return name.Length == 0 ? "pipeline" : name[..Math.Min(name.Length, LongestName)];
    }

    private PipelineDraft Check()
    {
        const string File = "pipeline.json";
        try
        {
            var pipeline = PipelineReader.Read(Text, File, TransformRegistry.Default.Names, new PipelineLabels(Folder));
            var source = PipelineFit.Check(new PipelineSource(pipeline, Folder), TransformRegistry.Default, new ModelOptions(), File);
            return this with { HeldBecause = source.Models.Values.First().HeldBecause };
        }
        catch (FaultException e)
        {
            return this with { Faults = e.Faults };
        }
        catch (ModelException e)
        {
            return this with { Faults = [new Fault("$.tasks[0].variants[0].model", e.Message.TrimEnd('.'))] };
        }
    }

    private static JsonObject Relative(JsonObject part, string folder)
    {
        var relative = (JsonObject)part.DeepClone();
        foreach (var key in s_paths)
        {
            if (relative[key] is { } path)
                relative[key] = Relative((string)path!, folder);
        }

        return relative;
    }

    private static string Relative(string path, string folder) => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');
}
