using System.Collections.Immutable;
using System.Numerics.Tensors;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary><c>yolo-seg</c>: the segmentation heads of YOLOv8 and v11, boxes <c>[N, 4 + classes + M, K]</c>, as <c>yolo</c> with M coefficients of
/// each place, and prototypes <c>[N, M, h, w]</c>. A place's mask is where the sum of prototypes by its coefficients is above zero, inside its box.</summary>
internal sealed class YoloSegDecoder : IOutputDecoder
{
    /// <inheritdoc />
    public string Name => DetectionExtras.YoloSeg;

    /// <inheritdoc />
    public ImmutableArray<string> Roles { get; } = ["boxes", "prototypes"];

    /// <inheritdoc />
    public DecoderBinding Bind(OutputFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var prototypes = fit.Find("prototypes", [], static o => OutputFit.IsReal(o) && o.Shape is [_, > 0, > 0, > 0], "proto", "mask");
        var boxes = fit.Find("boxes", [prototypes], static o => OutputFit.IsReal(o) && o.Shape is [_, > YoloDecoder.Box, _], "box");
        if (boxes is null || prototypes is null)
        {
            return DecoderBinding.Refused(
                $"decoder {Name} reads boxes [N, 4 + classes + M, K] ({boxes?.ToString() ?? "not found"}) and prototypes [N, M, h, w] of fixed size ({prototypes?.ToString() ?? "not found"}); "
                + $"the model has {string.Join(", ", fit.Outputs)}: say which is which by \"tensors\": {{\"boxes\": …, \"prototypes\": …}}");
        }

        var parts = (int)prototypes.Shape[1];
        var classes = (int)boxes.Shape[1] - YoloDecoder.Box - parts;
        if (classes < 1)
            return DecoderBinding.Refused($"output {boxes} has too few values of a place for decoder {Name}: a box is 4, and there are {parts} prototypes");
        return fit.LabelFault(boxes, classes) is { } fault ? DecoderBinding.Refused($"decoder {Name}: {fault}")
            : DecoderBinding.By(new Reader(boxes.Index, prototypes.Index, classes, parts, ((int)prototypes.Shape[2], (int)prototypes.Shape[3])), DetectionDefaults.Head, classes);
    }

    private sealed class Reader(int boxes, int prototypes, int classes, int parts, (int Height, int Width) size) : YoloReader(boxes, classes, parts), IMaskReader
    {
        private readonly int _boxes = boxes;
        private readonly int _parts = parts;

        public RowTensor? Masks(IRowValues outputs, IReadOnlyList<OutputRow> rows, IReadOnlyList<int> places)
        {
            const int Side = DetectionExtras.MaskSide;
            var prototype = outputs.Of(prototypes);
            var plane = size.Height * size.Width;
            if (prototype.Length != _parts * plane)
                throw new ModelException($"{prototype.Length} values are no {_parts} prototypes of {size.Height} × {size.Width}.");
            var values = outputs.Of(_boxes);
            var across = GridAxis.Of(Side, size.Width, x => outputs.OnInput(x, 0).X);
            var down = GridAxis.Of(Side, size.Height, y => outputs.OnInput(0, y).Y);
            var masks = new byte[rows.Count * Side * Side];
            var sum = new float[plane];
            for (var i = 0; i < rows.Count; i++)
            {
                sum.AsSpan().Clear();
                for (var part = 0; part < _parts; part++)
                    TensorPrimitives.MultiplyAdd(prototype.Slice(part * plane, plane), More(values, part, places[i]), sum, sum);
                // Any value that is no number makes the sum of squares none.
                if (!float.IsFinite(TensorPrimitives.SumOfSquares<float>(sum)))
                    return null;
                Fill(sum, rows[i], across, down, masks.AsSpan(i * Side * Side, Side * Side));
            }

            return new RowTensor([new TensorPart("masks", "UINT8", [rows.Count, Side, Side], masks)]);
        }

        private void Fill(ReadOnlySpan<float> sum, in OutputRow box, GridAxis across, GridAxis down, Span<byte> mask)
        {
            const int Side = DetectionExtras.MaskSide;
            for (var y = 0; y < Side; y++)
            {
                if (down.Low[y] < 0 || !IsInside(y, box.Y1, box.Y2))
                    continue;
                for (var x = 0; x < Side; x++)
                {
                    if (across.Low[x] >= 0 && IsInside(x, box.X1, box.X2) && GridAxis.At(sum, size.Width, across, x, down, y) > 0)
                        mask[(y * Side) + x] = 1;
                }
            }
        }

        private static bool IsInside(int cell, float from, float to) => (cell + 0.5f) / DetectionExtras.MaskSide is var middle && middle >= from && middle <= to;
    }
}
