using Microsoft.Extensions.Logging;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Factory that opens ONNX files and checks that they fit their place in the pipeline.</summary>
internal sealed class OnnxStageModelFactory(
    IReadOnlyList<PipelineSource> sources, TransformRegistry transforms, ModelOptions options, ILogger<OnnxStageModelFactory> logger) : IStageModelFactory
{
    private readonly EdgeTransforms[][] _edges = [.. sources.Select(s => PreparedEdges.Of(s.Pipeline, transforms))];
    private readonly ParentImages[] _images = [.. sources.Select(ParentImages.Of)];

    public IStageModel Load(VariantId id)
    {
        var source = sources[id.Pipeline];
        var task = source.Pipeline.Tasks[id.Task];
        var variant = task.Variants[id.Variant];
        var model = OnnxModel.Load(variant, source.ModelPath(variant), options);
        TextEncoder? texts;
        AudioEncoder? sounds;
        try
        {
            Check(source, task, model, transforms.Decoders);
            texts = variant.Input.Text is { } text ? TextEncoder.Of(model, text, source.FullPath(text.Tokenizer), task.Output.Kind == TaskOutputKind.Answer) : null;
            sounds = variant.Input.Audio is { } audio ? AudioEncoder.Of(model, audio) : null;
        }
        catch
        {
            model.Dispose();
            throw;
        }

        if (model.ProviderFallback is { } fallback)
            logger.ProviderFallback(variant.Name, fallback);
        if (options.MaxBatch > 1 && model.HeldBecause is { } because)
            logger.HeldAtOne(variant.Name, because);
        if (StageOutputs.ClassesWithoutLabel(OutputFit.Of(task.Output, model), transforms.Decoders) is > 0 and var ignored)
            logger.ClassesIgnored(variant.Name, ignored, task.Name, task.Output.Labels.Length);
        return new OnnxStageModel(source, task, variant, model, texts, sounds, _edges[id.Pipeline], _images[id.Pipeline], transforms.Decoders);
    }

    public long Bytes(VariantId id)
    {
        var source = sources[id.Pipeline];
        return ModelSizes.Bytes(source.ModelPath(source.Pipeline.Tasks[id.Task].Variants[id.Variant]));
    }

    private static void Check(PipelineSource source, PipelineTask task, OnnxModel model, DecoderRegistry decoders)
    {
        var faults = StageFit.Faults(source, task, model, decoders);
        if (faults.Count > 0)
            throw new ModelException($"Model '{model.Name}' does not fit task '{task.Name}': {string.Join("; ", faults)}.");
    }
}
