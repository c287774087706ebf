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
        if (model.Inputs.Length != 1)
            faults.Add($"it has {model.Inputs.Length} inputs; a stage takes one");
        if (StageOutputs.Check(OutputFit.Of(task.Output, model), decoders) is { } output)
            faults.Add(output);
        if (task.Incoming.IsEmpty && RootInput.Check(pipeline.Input.IsImage, model.Inputs[0]) is { } input)
            faults.Add(input.TrimEnd('.'));
        return faults;
    }
}
