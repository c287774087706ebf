using System.Collections.Immutable;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Descriptions of models, published by workers, which have the model files, for ingresses, which do not: document
/// <c>models</c>.</summary>
public static class ModelCatalog
{
    /// <summary>Name of the document.</summary>
    public const string Name = "models";

    /// <summary>Publishes the descriptions of pipelines that were checked against their models (<c>PipelineFit</c>).</summary>
    public static async ValueTask PublishAsync(IStateStore state, IReadOnlyList<PipelineSource> pipelines, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(pipelines);
        var models = pipelines.SelectMany(p => p.Models.Values).OrderBy(m => m.Name, StringComparer.Ordinal).ToImmutableArray();
        var json = StateJson.Write(models);
        // All workers of a release say the same: a write for each start would be one too many.
        if (models.Length > 0 && await state.FindDocumentAsync(Name, cancellationToken) != json)
            await state.PutDocumentAsync(Name, json, cancellationToken);
    }

    /// <summary>Reads the descriptions by variant name; empty where none were published.</summary>
    public static async ValueTask<ImmutableDictionary<string, ModelDescription>> ReadAsync(IStateStore state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        var json = await state.FindDocumentAsync(Name, cancellationToken);
        var models = json is null ? null : StateJson.Read<ModelDescription[]>(json);
        return (models ?? []).ToImmutableDictionary(m => m.Name, StringComparer.Ordinal);
    }
}
