using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>First pipeline file for one model.</summary>
/// <param name="Root">Content of the file.</param>
/// <param name="Folder">Full path of the file's folder, which its paths are relative to.</param>
internal sealed record PipelineDraft(JsonObject Root, string Folder)
{
    /// <summary>Text in place of how a variant's accuracy was measured.</summary>
    public const string Unmeasured = "not measured: put your own figure";

    /// <summary>SLO of a first file, milliseconds.</summary>
    public const int SloMs = 1000;

    private const int LongestName = 60;
    private static readonly string[] s_paths = ["tokenizer", "labelsFile"];

    /// <summary>Faults because of which <c>loki up</c> would not serve the file; empty when it would.</summary>
    public ImmutableArray<Fault> Faults { get; private init; } = [];

    /// <summary>Reason why rows run one at a time; null where they do not, or it was not tried.</summary>
    public string? HeldBecause { get; private init; }

    /// <summary>Text of the file.</summary>
    public string Text => PipelineText.Of(Root);

    /// <summary>Makes the file of a guess and checks it against the model, like <c>loki up</c>.</summary>
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

    /// <summary>Makes a pipeline name from the file's name, or from its folder's where the file has a common name.</summary>
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
