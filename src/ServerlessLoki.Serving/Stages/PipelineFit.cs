using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Audio;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Check of a pipeline against its models before anything is served, so that faults show at the start and not at the first
/// query.</summary>
/// <remarks>Every model file is opened briefly; nothing stays loaded.</remarks>
public static class PipelineFit
{
    /// <summary>Checks models, edges and the query's input.</summary>
    /// <param name="source">Pipeline and the folder of its models.</param>
    /// <param name="transforms">Transforms that its edges name, and decoders that its tasks name.</param>
    /// <param name="options">Options for loading the models.</param>
    /// <param name="file">Name of the pipeline file, for messages.</param>
    /// <returns>Pipeline with descriptions of its models and, where queries bring a tensor, with exactly the shape that the root's models
    /// take.</returns>
    /// <exception cref="PipelineFormatException">Something does not fit; lists all of it.</exception>
    public static PipelineSource Check(PipelineSource source, TransformRegistry transforms, ModelOptions options, string file)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(transforms);
        var pipeline = source.Pipeline;
        var faults = new List<Fault>();
        var models = Open(source, options with { Optimize = false }, transforms.Decoders, faults);
        try
        {
            var described = pipeline.Tasks.Select(t => models[t.Index].Select(m => ModelDescription.Of(pipeline, t, m)).ToList()).ToList();
            var fitted = Describe(pipeline, described, faults);
            var edges = PreparedEdges.Of(pipeline, transforms);
            foreach (var edge in edges)
                CheckEdge(fitted, edge, models, faults);
            if (faults.Count == 0)
                CheckJoins(pipeline, edges, models, faults);
            if (faults.Count > 0)
                throw new PipelineFormatException(file, faults);
            return source with { Pipeline = fitted, Models = described.SelectMany(static d => d).ToImmutableDictionary(d => d.Name, StringComparer.Ordinal) };
        }
        finally
        {
            foreach (var model in models.SelectMany(m => m))
                model.Dispose();
        }
    }

    /// <summary>Completes a pipeline from descriptions of its models only; another process has checked the pipeline against the
    /// files.</summary>
    /// <returns>Completed source; unchanged while a description is missing.</returns>
    public static PipelineSource Described(PipelineSource source, IReadOnlyDictionary<string, ModelDescription> models)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(models);
        var pipeline = source.Pipeline;
        if (pipeline.Tasks.SelectMany(static t => t.Variants).Any(v => !models.ContainsKey(v.Name)))
            return source;
        var faults = new List<Fault>();
        var fitted = Describe(pipeline, [.. pipeline.Tasks.Select(t => t.Variants.Select(v => models[v.Name]).ToList())], faults);
        return faults.Count == 0 ? source with { Pipeline = fitted } : source;
    }

    private static Pipeline Describe(Pipeline pipeline, List<List<ModelDescription>> models, List<Fault> faults)
    {
        TextInputs.CheckAlike(pipeline, faults);
        var fitted = pipeline.WithTensors(
            TextInputs.AreTexts(pipeline, faults) || AudioEncoder.AreSounds(pipeline, faults) || pipeline.Input.IsImage ? [pipeline.Input] : RootInputs.Of(pipeline, models[0], faults), TaskTensors.Of(pipeline, models, faults));
        return faults.Count > 0 || pipeline.Sounds.IsEmpty ? fitted : fitted.WithSounds([.. pipeline.Tasks.SelectMany(t => t.Variants.Zip(models[t.Index]))
            .Where(static p => p.First.Input.Audio is not null).Select(static p => SoundLength.Fit(p.First.Input.Audio!, p.Second.Inputs[0].Shape))]);
    }

    /// <summary>Opens the models that fit their tasks, by task.</summary>
    private static List<OnnxModel>[] Open(PipelineSource source, ModelOptions options, DecoderRegistry decoders, List<Fault> faults)
    {
        var models = new List<OnnxModel>[source.Pipeline.Tasks.Length];
        foreach (var task in source.Pipeline.Tasks)
        {
            models[task.Index] = [];
            foreach (var variant in task.Variants)
            {
                var path = $"$.tasks[{task.Name}].variants[{variant.Name}].model";
                try
                {
                    var model = OnnxModel.Load(variant, source.ModelPath(variant), options);
                    models[task.Index].Add(model);
                    var misfits = StageFit.Faults(source, task, model, decoders);
                    var texts = misfits.Count == 0 && variant.Input.Text is { } text ? TextEncoder.Faults(model, text, source.FullPath(text.Tokenizer), task.Output.Kind == TaskOutputKind.Answer) : [];
                    faults.AddRange(texts.Select(t => new Fault($"$.tasks[{task.Name}].variants[{variant.Name}].input", t)));
                    faults.AddRange(misfits.Select(m => new Fault(path, m)));
                    if (misfits.Count == 0)
                        continue;
                    // Its edges would only repeat it.
                    models[task.Index].Remove(model);
                    model.Dispose();
                }
                catch (ModelException exception)
                {
                    faults.Add(new Fault(path, exception.Message.TrimEnd('.')));
                }
            }
        }

        return models;
    }

    private static void CheckEdge(Pipeline pipeline, EdgeTransforms transforms, List<OnnxModel>[] models, List<Fault> faults)
    {
        var edge = transforms.Edge;
        var output = pipeline.Tasks[edge.From].Output;
        var said = new HashSet<string>(StringComparer.Ordinal);
        foreach (var parent in models[edge.From])
        {
            foreach (var child in models[edge.To])
            {
                if (EdgeCheck.Fault(pipeline, transforms, parent, child) is { } fault && said.Add(fault))
                    faults.Add(new Fault($"$.edges[{edge.Index}]", $"from {parent.Name} to {child.Name}: {fault.TrimEnd('.')}"));
            }
        }

        // A row travels as values alone: two sizes with as many values cannot be told apart.
        var images = output.Kind != TaskOutputKind.Tensor ? [] : models[edge.From].Select(m => (m.Name, Tensor: m.Output(output.Tensor))).Where(m => m.Tensor.IsImage).ToList();
        foreach (var alike in images.GroupBy(m => m.Tensor.RowElements).Where(g => g.Select(m => m.Tensor.Shape[2]).Distinct().Count() > 1))
        {
            faults.Add(new Fault(
                $"$.edges[{edge.Index}]", $"the images of {string.Join(" and ", alike.Select(m => m.Name))} differ in shape and not in size",
                string.Join(", ", alike.Select(m => m.Tensor)), "one shape: export the variants alike"));
        }
    }

    private static void CheckJoins(Pipeline pipeline, EdgeTransforms[] edges, List<OnnxModel>[] models, List<Fault> faults)
    {
        foreach (var task in pipeline.Tasks.Where(t => t.IsJoin))
        {
            foreach (var model in models[task.Index])
            {
                if (JoinAssembly.Check(task, edges, model.Inputs[0]) is { } fault)
                    faults.Add(new Fault($"$.tasks[{task.Name}].variants[{model.Name}].model", fault));
            }
        }
    }
}
