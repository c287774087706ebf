using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Answers of a pipeline as tensors; the layout is described in README.md of this folder.</summary>
public static class PipelineOutputs
{
    /// <summary>Name of the numbers of the request's rows that a task's rows belong to, behind the task's.</summary>
    private const string Query = ".query";

    private static readonly ConditionalWeakTable<Pipeline, TensorDescription[]> Cache = [];

    /// <summary>Lists names, datatypes and shapes of a pipeline's outputs; −1 = variable.</summary>
    public static IReadOnlyList<TensorDescription> Describe(Pipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return Cache.GetValue(pipeline, static p => [.. p.Tasks.SelectMany(t => Describe(p, t))]);
    }

    internal static IReadOnlyCollection<string> Names(Pipeline pipeline) => [.. Describe(pipeline).Select(o => o.Name)];

    /// <summary>Names of the outputs that tell a request's rows apart; a request of one row gets those that it names.</summary>
    internal static IEnumerable<string> QueryNames(Pipeline pipeline) => pipeline.Tasks.Where(TellsQuery).Select(static t => t.Name + Query);

    /// <summary>False where a task gives one row for each row of the request.</summary>
    private static bool TellsQuery(PipelineTask task) => !task.Incoming.IsEmpty || task.Output.Kind == TaskOutputKind.Detections;

    /// <summary>Lists all outputs of a completed query, in the order of <see cref="Describe(Pipeline)"/>.</summary>
    public static IReadOnlyList<OutputTensor> Of(Pipeline pipeline, QueryResult result)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(result);
        // Row of an answer's first entry in its task's tensor: parents are named by row across all answers of their task.
        var first = new int[result.Answers.Count];
        var rows = new int[pipeline.Tasks.Length];
        var queries = new int[result.Answers.Count];
        var query = -1;
        for (var i = 0; i < first.Length; i++)
        {
            var answer = result.Answers[i];
            // The answers of a request's rows follow one another, and each begins with the only one without a parent.
            queries[i] = query += answer.Parent < 0 ? 1 : 0;
            first[i] = rows[answer.Task];
            rows[answer.Task] += Rows(pipeline.Tasks[answer.Task], answer);
        }

        var outputs = new List<OutputTensor>(3 * pipeline.Tasks.Length);
        foreach (var task in pipeline.Tasks)
        {
            Add(outputs, pipeline, task, result, first, rows[task.Index]);
            if (TellsQuery(task))
                outputs.Add(new OutputTensor(task.Name + Query, Datatype.Int32, [rows[task.Index]], Queries(task, result, queries, rows[task.Index])) { IsOnRequest = query < 1 });
        }

        return outputs;
    }

    private static IEnumerable<TensorDescription> Describe(Pipeline pipeline, PipelineTask task)
    {
        if (!task.Incoming.IsEmpty || task.Output.Kind == TaskOutputKind.Classification)
            yield return new TensorDescription(task.Name + ".parent", "INT32", [-1]);
        if (HasSeveralParents(task))
            yield return new TensorDescription(task.Name + ".from", "BYTES", [-1]);
        switch (task.Output.Kind)
        {
            case TaskOutputKind.Detections:
                yield return new TensorDescription(task.Name, "FP32", [-1, DetectionExtras.HasPoints(task.Output) ? -1 : DetectionTensors.Columns]);
                foreach (var masks in MasksOf(task))
                    yield return new TensorDescription(masks, "UINT8", [-1, DetectionExtras.MaskSide, DetectionExtras.MaskSide]);
                break;
            case TaskOutputKind.Classification:
                yield return new TensorDescription(task.Name + ".label", "BYTES", [-1]);
                yield return new TensorDescription(task.Name + ".score", "FP32", [-1]);
                break;
            default:
                foreach (var tensor in TensorOutputs.Describe(pipeline, task))
                    yield return tensor;
                break;
        }
    }

    private static void Add(List<OutputTensor> outputs, Pipeline pipeline, PipelineTask task, QueryResult result, int[] first, int rows)
    {
        if (!task.Incoming.IsEmpty || task.Output.Kind == TaskOutputKind.Classification)
            outputs.Add(new OutputTensor(task.Name + ".parent", Datatype.Int32, [rows], Parents(task, result, first, rows)));
        if (HasSeveralParents(task))
            outputs.Add(new OutputTensor(task.Name + ".from", Datatype.Bytes, [rows], From(pipeline, task, result)));
        switch (task.Output.Kind)
        {
            case TaskOutputKind.Detections:
                outputs.Add(DetectionTensors.Boxes(task, result, rows));
                foreach (var masks in MasksOf(task))
                    outputs.Add(DetectionTensors.Masks(task, result, rows, masks));
                break;
            case TaskOutputKind.Classification:
                var (labels, scores) = Classes(task, result, rows);
                outputs.Add(new OutputTensor(task.Name + ".label", Datatype.Bytes, [rows], labels));
                var all = PipelineClasses.Of(task, result);
                outputs.Add(new OutputTensor(task.Name + PipelineClasses.Score, Datatype.Fp32, [rows], scores) { Scores = all, NeedsScores = true, Classes = task.Output.Labels });
                if (all is not null)
                    outputs.Add(all);
                break;
            default:
                var names = task.Output.Kind == TaskOutputKind.Segmentation ? string.Join(',', task.Output.Labels) : null;
                outputs.AddRange(TensorOutputs.Of(pipeline, task, result).Select(o => o with { Labels = names }));
                break;
        }
    }

    /// <summary>Names of the masks that a task makes.</summary>
    internal static IEnumerable<string> MasksOf(PipelineTask task) => task.Output.Kind switch
    {
        TaskOutputKind.Segmentation => [task.Name],
        TaskOutputKind.Detections when DetectionExtras.HasMasks(task.Output) => [task.Name + ".masks"],
        _ => [],
    };

    private static int Rows(PipelineTask task, StageAnswer answer) => task.Output.IsTensors ? 1 : answer.Rows.Count;

    private static byte[] Queries(PipelineTask task, QueryResult result, int[] queries, int rows)
    {
        var bytes = new byte[sizeof(int) * rows];
        var row = 0;
        for (var i = 0; i < queries.Length; i++)
        {
            if (result.Answers[i].Task != task.Index)
                continue;
            for (var r = Rows(task, result.Answers[i]); r > 0; r--)
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(sizeof(int) * row++), queries[i]);
        }

        return bytes;
    }

    private static byte[] Parents(PipelineTask task, QueryResult result, int[] first, int rows)
    {
        var bytes = new byte[4 * rows];
        var row = 0;
        foreach (var answer in result.Answers)
        {
            if (answer.Task != task.Index)
                continue;
            var parent = answer.Parent < 0 ? -1 : first[answer.Parent] + Math.Max(0, answer.ParentRow);
            for (var i = Rows(task, answer); i > 0; i--)
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * row++), parent);
        }

        return bytes;
    }

    // A join's parent is the item whose branches it joins; without a join a row may come from any of several tasks.
    private static bool HasSeveralParents(PipelineTask task) => !task.IsJoin && task.Incoming.Length > 1;

    private static byte[] From(Pipeline pipeline, PipelineTask task, QueryResult result)
    {
        using var names = new MemoryStream();
        foreach (var answer in result.Answers.Where(a => a.Task == task.Index))
        {
            for (var i = Rows(task, answer); i > 0; i--)
                Write(names, pipeline.Tasks[result.Answers[answer.Parent].Task].Name);
        }

        return names.ToArray();
    }

    private static void Write(MemoryStream target, string text)
    {
        Span<byte> length = stackalloc byte[4];
        var bytes = Encoding.UTF8.GetBytes(text);
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        target.Write(length);
        target.Write(bytes);
    }

    private static (byte[] Labels, byte[] Scores) Classes(PipelineTask task, QueryResult result, int rows)
    {
        using var labels = new MemoryStream();
        var scores = new byte[4 * rows];
        var row = 0;
        foreach (var answer in result.Answers)
        {
            if (answer.Task != task.Index)
                continue;
            foreach (var best in answer.Rows)
            {
                Write(labels, Label(task.Output.Labels, best.Label));
                BinaryPrimitives.WriteSingleLittleEndian(scores.AsSpan(4 * row++), best.Score);
            }
        }

        return (labels.ToArray(), scores);
    }

    private static string Label(ImmutableArray<string> labels, int index) =>
        index >= 0 && index < labels.Length ? labels[index] : index.ToString(CultureInfo.InvariantCulture);
}
