using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary><c>mask</c>: a score for each class and place of a picture, <c>[N, C, H, W]</c> → the best class of each pixel; with one class 1 where it
/// is likely enough; or classes that the graph has chosen, whole numbers <c>[N, H, W]</c>. The mask is as large as the model's input and shows the whole picture.</summary>
internal sealed class MaskDecoder : ITensorDecoder
{
    internal const string Mask = "mask";

    /// <summary>A pixel that the model did not see, or that it gave no class of.</summary>
    internal const byte None = byte.MaxValue;

    /// <inheritdoc />
    public string Name => Mask;

    /// <inheritdoc />
    public TaskOutputKind Kind => TaskOutputKind.Segmentation;

    /// <inheritdoc />
    public TensorBinding Bind(OutputFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var (tensor, row) = (fit.Tensor, fit.RowOf(fit.Tensor));
        var isChosen = tensor.Datatype is "INT64" or "INT32" or "UINT8" && row is [> 0, > 0] or [1, > 0, > 0];
        if (!isChosen && !(OutputFit.IsReal(tensor) && row is [> 0 and <= None, > 0, > 0]))
            return TensorBinding.Refused($"output {tensor}: a segmentation is FP32 or FP16 [N, C, H, W] with at most {None} classes, or INT64, INT32 or UINT8 [N, H, W], all fixed; name the output in \"tensor\"");
        var classes = isChosen ? None : (int)row[0];
        if (fit.LabelFault(tensor, Math.Max(2, classes)) is { } fault)
            return TensorBinding.Refused(fault);
        var size = ((int)row[^2], (int)row[^1]);
        return TensorBinding.By(new Reader(tensor.Index, isChosen ? 0 : classes, size, fit.Image ?? size, fit.Expected));
    }

    private sealed class Reader(int output, int classes, (int Height, int Width) from, (int Height, int Width) to, TaskOutput said) : ITensorReader
    {
        private readonly float _least = (float)(said.MinScore ?? 0.5);

        public RowTensor? Read(IRowValues row)
        {
            var values = row.Of(output);
            var plane = from.Height * from.Width;
            if (values.Length != Math.Max(1, classes) * plane)
                throw new ModelException($"{values.Length} values are no {Math.Max(1, classes)} planes of {from.Height} × {from.Width}.");
            foreach (var value in values)
            {
                if (!float.IsFinite(value))
                    return null;
            }

            var across = GridAxis.Of(to.Width, from.Width, x => row.OnInput(x, 0).X);
            var down = GridAxis.Of(to.Height, from.Height, y => row.OnInput(0, y).Y);
            var mask = new byte[to.Height * to.Width];
            var (best, next) = (new float[to.Width], new float[to.Width]);
            for (var y = 0; y < to.Height; y++)
            {
                var line = mask.AsSpan(y * to.Width, to.Width);
                if (down.Low[y] < 0)
                    line.Fill(None);
                else if (classes == 0)
                    Chosen(values, across, down, y, line);
                else
                    Best(values, across, down, y, line, best, next);
            }

            return new RowTensor([new TensorPart(Mask, "UINT8", [to.Height, to.Width], mask)]);
        }

        private void Chosen(ReadOnlySpan<float> values, GridAxis across, GridAxis down, int y, Span<byte> line)
        {
            var source = values.Slice((down.Part[y] < 0.5f ? down.Low : down.High)[y] * from.Width, from.Width);
            for (var x = 0; x < line.Length; x++)
            {
                var value = across.Low[x] < 0 ? None : source[(across.Part[x] < 0.5f ? across.Low : across.High)[x]];
                line[x] = value is >= 0 and < None ? (byte)value : None;
            }
        }

        private void Best(ReadOnlySpan<float> values, GridAxis across, GridAxis down, int y, Span<byte> line, Span<float> best, Span<float> next)
        {
            var plane = from.Height * from.Width;
            for (var label = 0; label < classes; label++)
            {
                var scores = label == 0 ? best : next;
                Line(values.Slice(label * plane, plane), across, down, y, scores);
                for (var x = 0; label > 0 && x < line.Length; x++)
                {
                    if (scores[x] > best[x])
                        (best[x], line[x]) = (scores[x], (byte)label);
                }
            }

            for (var x = 0; x < line.Length; x++)
            {
                if (across.Low[x] < 0)
                    line[x] = None;
                else if (classes == 1)
                    line[x] = (said.Scores == ScoreForm.Sigmoid ? 1 / (1 + MathF.Exp(-best[x])) : best[x]) >= _least ? (byte)1 : (byte)0;
            }
        }

        private void Line(ReadOnlySpan<float> plane, GridAxis across, GridAxis down, int y, Span<float> scores)
        {
            for (var x = 0; x < scores.Length; x++)
                scores[x] = across.Low[x] < 0 ? 0 : GridAxis.At(plane, from.Width, across, x, down, y);
        }
    }
}
