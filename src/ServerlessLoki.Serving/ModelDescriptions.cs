using System.Collections.Concurrent;
using System.Collections.Immutable;
using ServerlessLoki.Serving.Slots;

namespace ServerlessLoki.Serving;

/// <summary>Descriptions of models: from the checked pipeline file, or, where that was not checked against its models, from the model
/// itself, which is opened once.</summary>
internal sealed class ModelDescriptions(ImmutableArray<PipelineSource> sources, IStageModelFactory factory)
{
    private readonly ConcurrentDictionary<VariantId, Lazy<ModelDescription>> _opened = new();

    public ModelDescription Of(VariantId id)
    {
        var source = sources[id.Pipeline];
        var name = source.Pipeline.Tasks[id.Task].Variants[id.Variant].Name;
        if (source.Models.TryGetValue(name, out var known))
            return known;
        var description = _opened.GetOrAdd(id, i => new Lazy<ModelDescription>(() => Open(i)));
        try
        {
            return description.Value;
        }
        catch
        {
            // A Lazy keeps its exception: forget it so that a repaired file can be described later.
            _opened.TryRemove(KeyValuePair.Create(id, description));
            throw;
        }
    }

    private ModelDescription Open(VariantId id)
    {
        using var model = factory.Load(id);
        return model.Description;
    }
}
