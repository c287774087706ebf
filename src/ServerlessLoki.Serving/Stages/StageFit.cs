using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Whether a model can stand where a pipeline puts it.</summary>
internal static class StageFit
{
    /// <summary>All that speaks against it; empty when nothing does.</summary>
    public static List<string> Faults(Pipeline pipeline, PipelineTask task, OnnxModel model, DecoderRegistry decoders)
    {
        var faults = new List<string>();
        var isFilled = !task.Incoming.IsEmpty || pipeline.Input.IsImage;
        if (isFilled && model.Inputs.Length != 1)
            faults.Add($"it has {model.Inputs.Length} inputs; {(task.Incoming.IsEmpty ? "a stage that takes images" : "a stage behind another")} has one");
        else if (isFilled && !model.IsSized)
            faults.Add(Loose(task, model));
        if (StageOutputs.Check(OutputFit.Of(task.Output, model), decoders) is { } output)
            faults.Add(output);
        if (faults.Count == 0 && task.Incoming.IsEmpty && RootInput.Check(pipeline.Input.IsImage, model.Inputs[0]) is { } input)
            faults.Add(input.TrimEnd('.'));
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
