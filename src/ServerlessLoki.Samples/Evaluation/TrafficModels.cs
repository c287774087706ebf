using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Samples.Evaluation;

/// <summary>All variants of the sample pipeline, loaded.</summary>
internal sealed class TrafficModels : IDisposable
{
    private readonly Dictionary<SceneObjectKind, float> _margins = [];
    private readonly List<StageModel> _all = [];

    /// <summary>Loads every variant.</summary>
    public TrafficModels(Pipeline pipeline, string directory, int maxBatch)
    {
        MinScore = pipeline.Root.Output.MinScore ?? 0;
        try
        {
            Detectors = Load(pipeline.Root, directory, 1);
            Vehicles = Load(pipeline.FindTask("classify-vehicle")!, directory, maxBatch);
            Persons = Load(pipeline.FindTask("classify-person")!, directory, maxBatch);
        }
        catch
        {
            Dispose();
            throw;
        }

        foreach (var edge in pipeline.Edges)
        {
            var crop = edge.Transforms.First(t => t.Name == "crop-resize");
            _margins[(SceneObjectKind)edge.Labels[0]] = (float)crop.Number("margin", 0);
        }
    }

    /// <summary>Least score of detections that go on to the second stage.</summary>
    public double MinScore { get; }

    /// <summary>Variants of <c>detect</c>.</summary>
    public IReadOnlyList<StageModel> Detectors { get; }

    /// <summary>Variants of <c>classify-vehicle</c>.</summary>
    public IReadOnlyList<StageModel> Vehicles { get; }

    /// <summary>Variants of <c>classify-person</c>.</summary>
    public IReadOnlyList<StageModel> Persons { get; }

    /// <summary>Returns the second stage's models for a kind.</summary>
    public IReadOnlyList<StageModel> Of(SceneObjectKind kind) => kind == SceneObjectKind.Car ? Vehicles : Persons;

    /// <summary>Returns the margin that the pipeline adds around a box, as a share of its sides.</summary>
    public float Margin(SceneObjectKind kind) => _margins[kind];

    /// <inheritdoc />
    public void Dispose() => _all.ForEach(m => m.Dispose());

    private List<StageModel> Load(PipelineTask task, string directory, int maxBatch)
    {
        var loaded = new List<StageModel>();
        foreach (var variant in task.Variants)
        {
            loaded.Add(new StageModel(variant.Name, Path.Combine(directory, variant.ModelPath), maxBatch));
            _all.Add(loaded[^1]);
        }

        return loaded;
    }
}
