using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Tensors that a task hands on, in an answer: named after the task where it has one, <c>task.output</c> where it has
/// several.</summary>
internal static class TensorOutputs
{
    private const long MostPadded = 256 << 20;

    /// <summary>Lists the descriptions that clients see.</summary>
    public static IEnumerable<TensorDescription> Describe(Pipeline pipeline, PipelineTask task)
    {
        var tensors = Of(pipeline, task);
        return tensors.IsEmpty
            ? [new TensorDescription(task.Name, "FP32", [-1, -1])]
            : tensors.Select(t => new TensorDescription(Name(task, t.Name, tensors.Length), t.Datatype, t.Shape.Insert(0, -1)));
    }

    /// <summary>Makes the tensors of a task's answers, one row each. Rows of equal shape keep it; rows of different shapes are padded with
    /// zeros.</summary>
    public static IEnumerable<OutputTensor> Of(Pipeline pipeline, PipelineTask task, QueryResult result)
    {
        var rows = result.Answers.Where(a => a.Task == task.Index && a.Tensor is not null).Select(static a => a.Tensor!.Parts).ToArray();
        if (rows.Length == 0)
            return Describe(pipeline, task).Select(static d => new OutputTensor(d.Name, Datatypes.Require(d.Datatype), [0, .. d.Shape.Skip(1).Select(static n => Math.Max(0, n))], default));
        return Enumerable.Range(0, rows[0].Length).Select(i => Whole(Name(task, rows[0][i].Name, rows[0].Length), [.. rows.Select(r => Alike(r, i, rows[0]))], task.Output.Kind == TaskOutputKind.Segmentation));
    }

    private static ImmutableArray<TensorShape> Of(Pipeline pipeline, PipelineTask task) => pipeline.Tensors.IsEmpty ? [] : pipeline.Tensors[task.Index];

    private static string Name(PipelineTask task, string output, int outputs) => outputs == 1 && task.Output.Kind != TaskOutputKind.Text ? task.Name : $"{task.Name}.{output}";

    /// <summary>Finds the same output in another variant's row, since variants may have another order of outputs.</summary>
    private static TensorPart Alike(ImmutableArray<TensorPart> row, int index, ImmutableArray<TensorPart> first) =>
        row.Length == 1 ? row[0] : row.FirstOrDefault(p => p.Name == first[index].Name) ?? row[index];

    internal static OutputTensor Whole(string name, TensorPart[] rows, bool areMasks = false)
    {
        if (areMasks && rows.Length * rows.Max(static r => r.Shape[0]) * rows.Max(static r => r.Shape[1]) is var pixels && pixels <= MostPadded)
            rows = MaskTensors.Alike(rows);
        var datatype = Datatypes.Require(rows[0].Datatype);
        var isOfOneShape = rows.All(r => r.Shape.AsSpan().SequenceEqual(rows[0].Shape.AsSpan()));
        if (isOfOneShape && (datatype == Datatype.Bytes || rows.All(r => r.Bytes.Length == rows[0].Bytes.Length)))
            return new OutputTensor(name, datatype, [rows.Length, .. rows[0].Shape], TensorPart.Join(rows));
        if (!isOfOneShape && rows.Length * rows.Max(static r => (long)r.Bytes.Length) > MostPadded)
            throw new ApiFaultException(422, "invalid", $"'{name}' has rows of unlike shapes, and filled up to the largest they have more than {MostPadded >> 20} MB: ask for it by its variant.");
        var elements = rows.Max(static r => r.Shape.Aggregate(1L, static (product, d) => product * d));
        return new OutputTensor(name, datatype, [rows.Length, elements], Padded(rows, datatype, elements));
    }

    /// <summary>Pads rows to equal length. A missing text is empty: a length of zero.</summary>
    private static byte[] Padded(TensorPart[] rows, Datatype datatype, long elements)
    {
        using var bytes = new MemoryStream();
        foreach (var row in rows)
        {
            bytes.Write(row.Bytes.Span);
            var missing = elements - row.Shape.Aggregate(1L, static (product, d) => product * d);
            bytes.Write(new byte[missing * (datatype == Datatype.Bytes ? sizeof(uint) : datatype.Size())]);
        }

        return bytes.ToArray();
    }
}
