using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Check whether a model fits its place in a pipeline.</summary>
internal static class StageFit
{
    /// <summary>Lists all faults; empty when the model fits.</summary>
    public static List<string> Faults(PipelineSource source, PipelineTask task, OnnxModel model, DecoderRegistry decoders)
    {
        var pipeline = source.Pipeline;
        var faults = new List<string>();
        var variant = task.Variants.First(v => v.Name == model.Name);
        var isEncoded = variant.Input.Text is not null || variant.Input.Audio is not null;
        // What queries bring, and texts, come with their shapes.
        var isFilled = !isEncoded && (task.Incoming.IsEmpty ? pipeline.Input.IsImage : !task.Incoming.All(e => e.PassesText || e.PassesTensors || (e.TakesQuery && !pipeline.Input.IsImage)));
        if (isFilled && model.Inputs.Length != 1)
            faults.Add($"it has {model.Inputs.Length} inputs; {(task.Incoming.IsEmpty ? "a stage that takes images" : "a stage behind another")} has one");
        else if (isFilled && !model.IsSized)
            faults.Add(Loose(task, model));
        if (StageOutputs.Check(OutputFit.Of(source, task, model), decoders) is { } output)
            faults.Add(output);
        if (variant.Input.Text is { } text && task.Incoming.IsEmpty && TextFit.Fault(pipeline, task, text, TextFit.OfQuery(pipeline)) is { } texts)
            faults.Add(texts);
        if (variant.Input.Audio is { } audio && AudioEncoder.Fault(model, audio) is { } sound)
            faults.Add(sound);
        if (variant.Input.Image is not null && !pipeline.Input.IsImage)
            faults.Add($"its \"input\" says how a picture becomes its input, but queries bring {pipeline.Input.Datatype} [{string.Join(',', pipeline.Input.Shape)}]: leave it out, or let queries bring pictures (UINT8 [-1,-1,3])");
        else if (faults.Count == 0 && !isEncoded && task.Incoming.IsEmpty && pipeline.Input.IsImage && RootInput.PictureFault(model.Inputs[0], variant.Image) is { } fault)
            faults.Add(fault);
        return faults;
    }

    private static string Loose(PipelineTask task, OnnxModel model)
    {
        var where = task.Incoming.IsEmpty ? "where queries bring images" : "behind another stage";
        return model.Outputs.FirstOrDefault(static o => o.ElementBytes == 0 || o.IsMap) is { } output && model.Inputs[0].RowBytes is not null
            ? $"output {output} is {(output.IsMap ? "a map" : "text")}: {where} a model gives numbers only; export it without that output"
            : $"input {model.Inputs[0]}: {where} every dimension behind the first is fixed, and none is text; export it so";
    }
}
