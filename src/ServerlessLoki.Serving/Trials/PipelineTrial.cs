using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Slots;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Trials;

/// <summary>All variants of a pipeline, loaded to answer single queries along chosen variants: without queues, plans, deadlines and clock.</summary>
/// <remarks>Inputs are made, models run, outputs decoded and children chosen by the code that serves, so what a trial measures is what is
/// served. Thread-safe; each thread has a session of its own.</remarks>
public sealed class PipelineTrial : IDisposable
{
    private readonly List<IStageModel> _loaded = [];
    private readonly IStageModel[][] _models;

    private PipelineTrial(PipelineSource source, TransformRegistry transforms, ModelOptions options)
    {
        Pipeline = source.Pipeline;
        Edges = PreparedEdges.Of(Pipeline, transforms);
        Upstream = [.. Pipeline.Tasks.Select(t => Pipeline.Tasks.Where(u => u == t || Pipeline.Reaches(u.Index, t.Index)).Select(static u => u.Index).ToArray())];
        var factory = new OnnxStageModelFactory([source], transforms, options, NullLogger<OnnxStageModelFactory>.Instance);
        try
        {
            _models = [.. Pipeline.Tasks.Select(t => t.Variants.Select(v => Load(factory, new VariantId(0, t.Index, v.Index))).ToArray())];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Pipeline of the trial.</summary>
    public Pipeline Pipeline { get; }

    /// <summary>[edge] its transforms.</summary>
    internal EdgeTransforms[] Edges { get; }

    /// <summary>[task] the task itself and all from which rows may come, ascending.</summary>
    internal int[][] Upstream { get; }

    /// <summary>Loads every variant of a pipeline.</summary>
    /// <param name="source">Pipeline, checked against its models (<see cref="PipelineFit"/>).</param>
    /// <param name="transforms">Transforms that its edges name, and decoders that its tasks name.</param>
    /// <param name="options">Options for loading the models.</param>
    /// <exception cref="ModelException">A model cannot be loaded, or does not fit its task.</exception>
    public static PipelineTrial Open(PipelineSource source, TransformRegistry transforms, ModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(transforms);
        ArgumentNullException.ThrowIfNull(options);
        return new PipelineTrial(source, transforms, options);
    }

    /// <summary>Makes the buffers of one thread; dispose it before the trial.</summary>
    public TrialSession CreateSession() => new(this);

    /// <summary>Frees the models.</summary>
    public void Dispose() => _loaded.ForEach(static m => m.Dispose());

    /// <summary>Makes the buffers of a variant.</summary>
    internal IStageRunner CreateRunner(int task, int variant) => _models[task][variant].CreateRunner();

    private IStageModel Load(OnnxStageModelFactory factory, VariantId id)
    {
        _loaded.Add(factory.Load(id));
        return _loaded[^1];
    }
}
