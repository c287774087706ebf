using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Names and datatypes of the tensors that an output kind makes.</summary>
public static class MadeTensors
{
    /// <summary>Name of the tensor with a row's text.</summary>
    internal const string Text = "text";

    /// <summary>Name of the tensor with the model's confidence, 0..1.</summary>
    internal const string Score = "score";

    /// <summary>Name of the tensor with the position of an answer's first character.</summary>
    internal const string Start = "start";

    /// <summary>Name of the tensor with the position after an answer's last character.</summary>
    internal const string End = "end";

    /// <summary>Makes a tensor of one text.</summary>
    public static TensorPart TextPart(string text)
    {
        using var bytes = new MemoryStream();
        TextElements.Add(bytes, text);
        return new TensorPart(Text, "BYTES", [], bytes.ToArray());
    }

    /// <summary>Makes a tensor of one score.</summary>
    public static TensorPart ScorePart(float score) => new(Score, "FP32", [], BitConverter.GetBytes(score));

    /// <summary>Lists the tensors that a task hands on, from the description of its model.</summary>
    internal static ImmutableArray<TensorShape> Of(TaskOutput output, ModelDescription model)
    {
        var tensor = model.Outputs.FirstOrDefault(o => o.Name == output.Tensor) ?? model.Outputs[0];
        TensorShape text = new(Text, "BYTES", []), score = new(Score, "FP32", []);
        return output.Kind switch
        {
            TaskOutputKind.Embedding => [new TensorShape("embedding", "FP32", [VectorOf(model.RowOf(tensor))])],
            // As large as each variant's own input.
            TaskOutputKind.Segmentation => [new TensorShape(MaskDecoder.Mask, "UINT8", [-1, -1])],
            TaskOutputKind.Answer => [text, score, new TensorShape(Start, "INT32", []), new TensorShape(End, "INT32", [])],
            _ => IsIds(tensor.Datatype) ? [text] : [text, score],
        };
    }

    /// <summary>Returns the number of values of an embedding.</summary>
    /// <param name="row">Dimensions of a row of the output that the embedding is made of.</param>
    internal static int VectorOf(ImmutableArray<long> row) => (int)row.Where(static d => d != 1).LastOrDefault(1);

    /// <summary>Tests for whole numbers, which are token ids.</summary>
    internal static bool IsIds(string datatype) => datatype is "INT64" or "INT32";
}
