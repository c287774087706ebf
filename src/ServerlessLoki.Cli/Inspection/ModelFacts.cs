using System.Collections.Immutable;
using System.Text.Json;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Facts of a model, before anything is guessed.</summary>
/// <param name="Path">Full path of the ONNX file.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="File">Facts of the ONNX file.</param>
/// <param name="Inputs">Inputs in the model's order.</param>
/// <param name="Outputs">Outputs in the model's order.</param>
/// <param name="Metadata">Custom key-value pairs of the file.</param>
/// <param name="Beside">Files next to the model.</param>
internal sealed record ModelFacts(
    string Path, long Bytes, OnnxFile File, ImmutableArray<ModelTensor> Inputs, ImmutableArray<ModelTensor> Outputs,
    ImmutableDictionary<string, string> Metadata, FilesBeside Beside)
{
    /// <summary>Domains whose operators ONNX Runtime has.</summary>
    private static readonly string[] s_known = ["ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc", "ai.onnx.training", "ai.onnx.preview.training"];

    /// <summary>False where the inputs share no dimension that could be the batch.</summary>
    public bool HasBatch { get; private init; }

    /// <summary>Batch size that the file fixes; null where it is open.</summary>
    public int? FixedBatch { get; private init; }

    /// <summary>Content of Hugging Face's <c>config.json</c>; null where it is missing.</summary>
    public JsonElement? Config { get; private init; }

    /// <summary>Content of Hugging Face's <c>preprocessor_config.json</c>; null where it is missing.</summary>
    public JsonElement? Preprocessor { get; private init; }

    /// <summary>Class name in Hugging Face's configuration, such as <c>BertForSequenceClassification</c>; empty where there is
    /// none.</summary>
    public string Architecture => Config.Texts("architectures").FirstOrDefault("");

    /// <summary>Shape of the image that the model takes; null where it takes something else.</summary>
    public PictureShape? Picture => PictureShape.Of(Inputs);

    /// <summary>Task in the metadata of Ultralytics' exporter; null for other models.</summary>
    public string? UltralyticsTask => Metadata.ContainsKey("stride") && Metadata.ContainsKey("names") ? Metadata.GetValueOrDefault("task", "detect") : null;

    /// <summary>Opens a model and reads the files next to it.</summary>
    /// <exception cref="BadInputException">The model cannot be opened.</exception>
    public static ModelFacts Read(FileInfo file)
    {
        var header = OnnxFile.Read(file);
        try
        {
            using var model = OnnxModel.Load(file.Name, file.FullName, new ModelOptions { Optimize = false });
            var beside = new FilesBeside(file.DirectoryName!);
            return new ModelFacts(file.FullName, file.Length, header, model.Inputs, model.Outputs, model.Metadata, beside)
            {
                HasBatch = model.HasBatch, FixedBatch = model.FixedBatch, Config = beside.Json("config.json"), Preprocessor = beside.Json("preprocessor_config.json"),
            };
        }
        catch (ModelException e)
        {
            var foreign = header.Domains.Except(s_known);
            var cure = foreign.IsEmpty ? "" : $"; it uses operators of {string.Join(", ", foreign)}, which ONNX Runtime alone does not have: export it with operators of ONNX only, steps before and behind the model left out";
            throw new BadInputException($"MODEL: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}{cure}");
        }
    }

    /// <summary>Tests whether the name of a tensor contains one of the given parts.</summary>
    public static bool IsNamed(ModelTensor tensor, params ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
        {
            if (tensor.Name.Contains(part, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>Returns the number of values of a row of scores or of a vector, <c>[N, C]</c>; null for another output.</summary>
    public int? RowOf(ModelTensor output) => HasBatch && output is { Datatype: "FP32" or "FP16", IsMap: false, RowElements: > 1 }
        && output.Shape.Skip(1).Count(static d => d != 1) == 1 ? output.RowElements : null;
}
