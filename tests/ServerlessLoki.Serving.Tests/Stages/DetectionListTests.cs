using FsCheck;
using FsCheck.Fluent;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Tests.Shared;

namespace ServerlessLoki.Serving.Tests.Stages;

/// <summary>Non-maximum suppression and the limit of detections.</summary>
public sealed class DetectionListTests
{
    private static readonly DetectionForm s_plain = new(BoxForm.Xyxy, 1, 1, 0, 1000);

    [Fact]
    public void CopyTo_AnyBoxes_AsTheSimpleReference() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var form = s_plain with { Nms = random.NextSingle(), IsNmsOverAll = random.Next(2) == 0, MaxDetections = random.Next(1, 60) };
            var list = new DetectionList(form);
            // Twice: what the list keeps from one row must not show in the next.
            for (var row = 0; row < 2; row++)
            {
                var boxes = Enumerable.Range(0, random.Next(120)).Select(_ => Box(random)).ToList();
                Assert.Equal(Reference(boxes, form), Listed(list, boxes));
            }
        }).Check(Properties.Cases(300));

    [Fact]
    public void CopyTo_OverlapAtTheThreshold_BothStay()
    {
        // Two of three parts are common to both: 0.5 in a union of 1.5 is a third.
        OutputRow[] boxes = [new(0, 0.5f, 0, 0, 0.5f, 1), new(0, 0.9f, 0.25f, 0, 0.75f, 1)];
        var third = 0.25f / 0.75f;
        Assert.Equal([boxes[1], boxes[0]], Listed(new DetectionList(s_plain with { Nms = third }), boxes));
        Assert.Equal([boxes[1]], Listed(new DetectionList(s_plain with { Nms = MathF.BitDecrement(third) }), boxes));
    }

    [Fact]
    public void CopyTo_OtherClass_IsDroppedOnlyOverAll()
    {
        OutputRow[] boxes = [new(0, 0.5f, 0, 0, 1, 1), new(1, 0.9f, 0, 0, 1, 1)];
        Assert.Equal([boxes[1], boxes[0]], Listed(new DetectionList(s_plain with { Nms = 0.5f }), boxes));
        Assert.Equal([boxes[1]], Listed(new DetectionList(s_plain with { Nms = 0.5f, IsNmsOverAll = true }), boxes));
    }

    [Fact]
    public void CopyTo_WithoutNms_KeepsTheOrderUpToTheLimit()
    {
        OutputRow[] boxes = [new(0, 0.5f, 0, 0, 1, 1), new(1, 0.9f, 0, 0, 1, 1), new(2, 0.5f, 0, 0, 1, 1)];
        Assert.Equal(boxes, Listed(new DetectionList(s_plain with { MaxDetections = 3 }), boxes));
        Assert.Equal([boxes[1], boxes[0]], Listed(new DetectionList(s_plain with { MaxDetections = 2 }), boxes));
    }

    [Fact]
    public void CopyTo_BoxesOverTheEdge_OverlapWholeAndAreAnsweredCut()
    {
        var list = new DetectionList(s_plain with { Nms = 0.5f });
        // Inside the picture both are the same; as a whole they have a third in common.
        Assert.True(list.TryAdd(0.9f, 0, -0.5f, 0, 0.5f, 1));
        Assert.True(list.TryAdd(0.8f, 0, -2.5f, 0, 0.5f, 1));
        var rows = new List<OutputRow>();
        list.CopyTo(rows);
        Assert.Equal([new OutputRow(0, 0.9f, 0, 0, 0.5f, 1), new OutputRow(0, 0.8f, 0, 0, 0.5f, 1)], rows);
    }

    [Fact]
    public void CopyTo_ManyBoxesAtSteadyState_DoesNotAllocate()
    {
        var random = new Random(1);
        var boxes = Enumerable.Range(0, 3000).Select(_ => Box(random)).ToArray();
        var (list, rows) = (new DetectionList(s_plain with { Nms = 0.5f, MaxDetections = 300 }), new List<OutputRow>());
        Fill(list, boxes, rows);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Fill(list, boxes, rows);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEmpty(rows);
    }

    /// <summary>A few scores and corners only, so that ties and equal boxes come up.</summary>
    private static OutputRow Box(Random random)
    {
        var (x, y) = (random.Next(8) / 10f, random.Next(8) / 10f);
        return new OutputRow(random.Next(3), random.Next(5) / 4f, x, y, x + (random.Next(1, 3) / 10f), y + (random.Next(1, 3) / 10f));
    }

    private static List<OutputRow> Reference(List<OutputRow> boxes, DetectionForm form)
    {
        var kept = new List<OutputRow>();
        foreach (var box in boxes.OrderByDescending(b => b.Score))
        {
            if (kept.Count < form.MaxDetections && kept.TrueForAll(k => (k.Label != box.Label && !form.IsNmsOverAll) || Iou(k, box) <= form.Nms))
                kept.Add(box);
        }

        return kept;
    }

    private static float Iou(OutputRow a, OutputRow b)
    {
        var common = Math.Max(0, Math.Min(a.X2, b.X2) - Math.Max(a.X1, b.X1)) * Math.Max(0, Math.Min(a.Y2, b.Y2) - Math.Max(a.Y1, b.Y1));
        return common / (((b.X2 - b.X1) * (b.Y2 - b.Y1)) + ((a.X2 - a.X1) * (a.Y2 - a.Y1)) - common);
    }

    private static List<OutputRow> Listed(DetectionList list, IEnumerable<OutputRow> boxes)
    {
        var rows = new List<OutputRow> { default };
        Fill(list, boxes, rows);
        return rows;
    }

    private static void Fill(DetectionList list, IEnumerable<OutputRow> boxes, List<OutputRow> rows)
    {
        list.Clear();
        foreach (var b in boxes is OutputRow[] array ? array.AsSpan() : boxes.ToArray())
            Assert.True(list.TryAdd(b.Score, b.Label, b.X1, b.Y1, b.X2, b.Y2));
        list.CopyTo(rows);
    }
}
