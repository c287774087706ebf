using System.Globalization;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Which texts an item's model gets: elements of a BYTES tensor, in the order of the file.</summary>
internal static class StageTexts
{
    /// <summary>The texts of an item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="form">What its variant takes; null = what arrives.</param>
    /// <param name="pipeline">Its pipeline.</param>
    /// <param name="edges">All edges of the pipeline.</param>
    /// <exception cref="ModelException">A text that is needed did not come.</exception>
    public static ReadOnlyMemory<byte> Of(StageItem item, TextForm? form, Pipeline pipeline, EdgeTransforms[] edges)
    {
        var arriving = item.Edge >= 0 && edges[item.Edge].Source == EdgeSource.ParentText
            ? Passed(pipeline.Tasks[item.ParentTask].Output, item)
            : Own(item.Scope);
        if (form is null || form.Texts.Length < 2)
            return arriving;
        // Elements stand one after the other: two tensors of them are one.
        using var texts = new MemoryStream();
        foreach (var source in form.Texts)
            texts.Write(source switch
            {
                TextForm.Arriving => arriving.Span,
                TextForm.OwnText => Own(item.Scope).Span,
                _ => Argument(pipeline, item.Scope, source[TextForm.ParameterPrefix.Length..]).Span,
            });
        return texts.GetBuffer().AsMemory(0, (int)texts.Length);
    }

    /// <summary>Why a task hands no text on; null if it does.</summary>
    /// <param name="task">The parent.</param>
    /// <param name="model">One of its models.</param>
    /// <param name="isGiven">True where the file names <c>pass-text</c>: a label is not taken for a text without a word.</param>
    public static string? Fault(PipelineTask task, OnnxModel model, bool isGiven)
    {
        var output = task.Output;
        switch (output.Kind)
        {
            case TaskOutputKind.Text or TaskOutputKind.Answer:
                return null;
            case TaskOutputKind.Tensor:
                var tensor = model.Output(output.Tensor);
                return tensor is { Datatype: "BYTES", IsMap: false } && model.RowOf(tensor).All(static d => d == 1) ? null : $"the parent hands on {tensor}, which is not one text";
            case TaskOutputKind.Embedding:
                return "the parent hands on a vector, which is no text";
            case TaskOutputKind.Segmentation:
                return $"task '{task.Name}' hands on a mask, which is no text: say {{\"name\": \"query\"}} for the query's own text";
            default:
                return output.Labels.IsEmpty ? $"classes of task '{task.Name}' have no names to hand on: list its \"labels\""
                    : isGiven ? null
                    : $"task '{task.Name}' finds labels: say {{\"name\": \"pass-text\"}} if the child is to read the label, or {{\"name\": \"query\"}} for the query's own text";
        }
    }

    private static ReadOnlyMemory<byte> Passed(TaskOutput output, StageItem item) => item.Tensor is { } tensor
        ? tensor.Parts[0].Bytes
        : MadeTensors.TextPart(item.Region.Label is var label && label >= 0 && label < output.Labels.Length
            ? output.Labels[label]
            : item.Region.Label.ToString(CultureInfo.InvariantCulture)).Bytes;

    /// <summary>The value that a query brought, or its default.</summary>
    private static ReadOnlyMemory<byte> Argument(Pipeline pipeline, QueryScope scope, string name)
    {
        foreach (var argument in scope.Arguments)
        {
            if (argument.Name == name)
                return argument.Bytes;
        }

        return pipeline.Parameters.FirstOrDefault(p => p.Name == name)?.Default is { } value
            ? MadeTensors.TextPart(value).Bytes
            : throw new ModelException($"The query brought no parameter '{name}', and it has no default.");
    }

    private static ReadOnlyMemory<byte> Own(QueryScope scope) => scope.Input is TensorInput { IsPacked: true } tensors
        ? TensorPack.Read(tensors.Bytes)[0].Bytes
        : throw new ModelException("The query brought no text.");
}
