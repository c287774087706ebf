using System.Buffers.Binary;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Detections of a task in an answer.</summary>
internal static class DetectionTensors
{
    /// <summary>Columns of every detection: its box, score and class.</summary>
    public const int Columns = 6;

    /// <summary>Box, score, class and the points of each; the points that one lacks are zeros.</summary>
    public static OutputTensor Boxes(PipelineTask task, QueryResult result, int rows)
    {
        var boxes = result.Answers.Where(a => a.Task == task.Index).SelectMany(static a => a.Rows);
        var width = Columns + boxes.Max(static b => (int?)b.Points?.Values.Length).GetValueOrDefault();
        var bytes = new byte[sizeof(float) * width * rows];
        var at = bytes.AsSpan();
        foreach (var box in boxes)
        {
            Write(at, [box.X1, box.Y1, box.X2, box.Y2, box.Score, box.Label]);
            if (box.Points is { } points)
                Write(at[(sizeof(float) * Columns)..], points.Values.AsSpan());
            at = at[(sizeof(float) * width)..];
        }

        return new OutputTensor(task.Name, Datatype.Fp32, [rows, width], bytes, string.Join(',', task.Output.Labels));
    }

    /// <summary>The mask of each, in the same order.</summary>
    public static OutputTensor Masks(PipelineTask task, QueryResult result, int rows, string name)
    {
        const int Side = DetectionExtras.MaskSide;
        var masks = new byte[rows * Side * Side];
        var at = 0;
        foreach (var answer in result.Answers.Where(a => a.Task == task.Index && a.Tensor is not null))
        {
            answer.Tensor!.First.CopyTo(masks.AsSpan(at));
            at += answer.Tensor.First.Length;
        }

        return new OutputTensor(name, Datatype.UInt8, [rows, Side, Side], masks);
    }

    private static void Write(Span<byte> target, ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            BinaryPrimitives.WriteSingleLittleEndian(target, value);
            target = target[sizeof(float)..];
        }
    }
}
