using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary><c>yunet</c>: OpenCV's face detector. For each stride S of its maps <c>cls_S</c> and <c>obj_S</c> <c>[N, K, 1]</c>, whose geometric mean is the
/// score, <c>bbox_S</c> <c>[N, K, 4]</c> and <c>kps_S</c> <c>[N, K, 10]</c>: eyes, nose and corners of the mouth as points.</summary>
internal sealed class YunetDecoder : IOutputDecoder
{
    private const int Box = 4, Points = 10;

    /// <inheritdoc />
    public string Name => DetectionExtras.Yunet;

    /// <inheritdoc />
    public ImmutableArray<string> Roles => [];

    /// <inheritdoc />
    public DecoderBinding Bind(OutputFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (DetectionExtras.FormFault(fit.Expected) is { } form)
            return DecoderBinding.Refused(form);
        if (fit.Image is not { } image)
            return DecoderBinding.Refused($"decoder {Name} needs an image input of a fixed size: fix height and width when you export it");
        if (fit.Labels > 1)
            return DecoderBinding.Refused($"decoder {Name} tells faces and nothing else, but the task has {fit.Labels} labels: list one, such as \"face\", or leave \"labels\" out");
        var maps = ImmutableArray.CreateBuilder<Map>();
        foreach (var cls in fit.Outputs.Where(static o => o.Name.StartsWith("cls_", StringComparison.Ordinal)))
        {
            if (!int.TryParse(cls.Name.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var stride) || stride is < 1 or > 4096)
                continue;
            var (columns, count) = ((image.Width + stride - 1) / stride, (image.Width + stride - 1) / stride * ((image.Height + stride - 1) / stride));
            var (obj, box, points) = (Of(fit, "obj", stride, count, 1), Of(fit, "bbox", stride, count, Box), Of(fit, "kps", stride, count, Points));
            if (obj is not null && box is not null && points is not null && Of(fit, "cls", stride, count, 1) is not null)
                maps.Add(new Map(stride, columns, count, cls.Index, obj.Index, box.Index, points.Index));
        }

        return maps.Count > 0
            ? DecoderBinding.By(new Reader(maps.ToImmutable(), image), DetectionDefaults.Head with { IsNormalised = true })
            : DecoderBinding.Refused($"decoder {Name} reads cls_S, obj_S, bbox_S and kps_S for each stride S, [N, cells, 1, 1, 4, 10]; the model has {string.Join(", ", fit.Outputs)}");
    }

    private static ModelTensor? Of(OutputFit fit, string name, int stride, int count, int width) => fit.Outputs.FirstOrDefault(o =>
        o.Name == $"{name}_{stride}" && OutputFit.IsReal(o) && o.Shape is [_, var places, var values] && (places < 0 || places == count) && values == width);

    private sealed record Map(int Stride, int Columns, int Count, int Cls, int Obj, int Box, int Points);

    private sealed class Reader(ImmutableArray<Map> maps, (int Height, int Width) image) : IPointReader
    {
        public bool TryRead(IOutputValues outputs, DetectionList found)
        {
            var before = 0;
            foreach (var map in maps)
            {
                var cls = outputs.Of(map.Cls);
                var obj = outputs.Of(map.Obj);
                var box = outputs.Of(map.Box);
                if (cls.Length != map.Count || obj.Length != map.Count || box.Length != Box * map.Count)
                    throw new ModelException($"{cls.Length} classes, {obj.Length} objects and {box.Length} values of boxes do not go with {map.Count} cells of {map.Stride} pixels.");
                for (var place = 0; place < map.Count; place++, box = box[Box..])
                {
                    if (!float.IsFinite(cls[place] + obj[place]))
                        return false;
                    var score = MathF.Sqrt(Math.Clamp(cls[place], 0, 1) * Math.Clamp(obj[place], 0, 1));
                    if (score < found.MinScore)
                        continue;
                    var (x, y) = Cell(map, place, box[0], box[1]);
                    if (!found.TryAdd(score, 0, x, y, MathF.Exp(box[2]) * map.Stride / image.Width, MathF.Exp(box[3]) * map.Stride / image.Height, before + place))
                        return false;
                }

                before += map.Count;
            }

            return true;
        }

        public RowPoints? PointsOf(IOutputValues outputs, int place, DetectionForm form)
        {
            var map = 0;
            for (; place >= maps[map].Count; map++)
                place -= maps[map].Count;
            var all = outputs.Of(maps[map].Points);
            if (all.Length != Points * maps[map].Count)
                throw new ModelException($"{all.Length} values of points do not go with {maps[map].Count} cells of {maps[map].Stride} pixels.");
            var numbers = all.Slice(place * Points, Points);
            var read = new float[Points];
            for (var i = 0; i < Points; i += 2)
            {
                var (x, y) = Cell(maps[map], place, numbers[i], numbers[i + 1]);
                if (!float.IsFinite(x + y))
                    return null;
                (read[i], read[i + 1]) = (Math.Clamp(x, 0, 1), Math.Clamp(y, 0, 1));
            }

            return new RowPoints([.. read], 2);
        }

        private (float X, float Y) Cell(Map map, int place, float x, float y) =>
            (((place % map.Columns) + x) * map.Stride / image.Width, ((place / map.Columns) + y) * map.Stride / image.Height);
    }
}
