namespace ServerlessLoki.Samples.Painting;

/// <summary>Drawing of the backdrop: sky, houses, road, pavements, and the furniture that hides or resembles objects.</summary>
internal static class StreetPainter
{
    private static readonly Rgb[] s_walls =
    [
        Rgb.Hex(0xA8685A), Rgb.Hex(0xC9B9A0), Rgb.Hex(0x8C94A0), Rgb.Hex(0xD8D2C4), Rgb.Hex(0x9A7B64), Rgb.Hex(0x6F8290),
        Rgb.Hex(0xB89A78), Rgb.Hex(0x7C6A78), Rgb.Hex(0xC4847C), Rgb.Hex(0x8FA08C),
    ];

    private static readonly Rgb[] s_shops = [Rgb.Hex(0x7A2A30), Rgb.Hex(0x2A5A4A), Rgb.Hex(0x2F4470), Rgb.Hex(0xB8862B), Rgb.Hex(0x44403C)];

    /// <summary>Paints the whole backdrop.</summary>
    public static void Backdrop(Canvas canvas, StreetPlan plan, SceneRandom random)
    {
        canvas.Own(0);
        var (top, bottom) = random.Pick<(Rgb, Rgb)>(
        [
            (Rgb.Hex(0x5C9CDC), Rgb.Hex(0xCFE6F4)), (Rgb.Hex(0x9AA6B2), Rgb.Hex(0xD4D8DA)),
            (Rgb.Hex(0x4A4E86), Rgb.Hex(0xF0A878)), (Rgb.Hex(0x7DB0E0), Rgb.Hex(0xF4E8CC)),
        ]);
        canvas.Ramp(0, plan.HouseFoot, top, bottom);
        for (var i = random.Below(4); i > 0; i--)
        {
            Cloud(canvas, random, bottom.Mix(Rgb.Hex(0xFFFFFF), 0.6));
        }

        var x = random.Range(-40, 0);
        while (x < canvas.Width)
        {
            var width = random.Range(34, 78);
            if (random.Chance(0.12))
            {
                Tree(canvas, x + (width / 2), plan.HouseFoot, random.Range(9, 13), random);
            }
            else
            {
                House(canvas, x, x + width, plan.HouseFoot - random.Range(48, 104), plan.HouseFoot, random);
            }

            x += width;
        }

        Ground(canvas, plan, random);
    }

    /// <summary>Draws a lamp post, tree, sign, bin or hydrant on the ground line.</summary>
    public static void Furniture(Canvas canvas, int kind, double x, double ground, double scale, SceneRandom random)
    {
        var pen = new Pen(canvas, x, ground, scale, random.Chance(0.5) ? 1 : -1);
        switch (kind)
        {
            case 0:
                var metal = Rgb.Hex(0x3A4044);
                pen.Limb(metal, 0, 0, 0, 4.6, 0.14);
                pen.Limb(metal, 0, 4.55, 0.9, 4.75, 0.1);
                pen.Box(Rgb.Hex(0xF4E9B0), 0.7, 4.6, 1.15, 4.72);
                break;
            case 1:
                Tree(canvas, x, ground, scale, random);
                break;
            case 2:
                pen.Limb(Rgb.Hex(0x80868A), 0, 0, 0, 2.2, 0.08);
                pen.Disc(random.Pick<Rgb>([Rgb.Hex(0xC8202C), Rgb.Hex(0x2450B0), Rgb.Hex(0xE8C020)]), 0, 2.3, 0.32, 0.32);
                pen.Box(Rgb.Hex(0xF0F0EC), -0.2, 2.24, 0.2, 2.36);
                break;
            case 3:
                pen.Box(random.Pick<Rgb>([Rgb.Hex(0x2F5A3A), Rgb.Hex(0x3A3E44), Rgb.Hex(0x6A4A30)]), -0.25, 0, 0.25, 0.95);
                pen.Disc(Rgb.Hex(0x22262A), 0, 0.97, 0.28, 0.1);
                break;
            case 4:
                var body = random.Pick<Rgb>([Rgb.Hex(0xC02A20), Rgb.Hex(0xE0B81C), Rgb.Hex(0x2A50A0)]);
                pen.Box(body, -0.14, 0, 0.14, 0.75);
                pen.Disc(body, 0, 0.78, 0.16, 0.14);
                pen.Box(body.Shade(0.8), -0.24, 0.42, 0.24, 0.55);
                break;
            default:
                pen.Box(Rgb.Hex(0x5A3E28), -0.9, 0.42, 0.9, 0.52);
                pen.Box(Rgb.Hex(0x6A4A30), -0.9, 0.66, 0.9, 0.92);
                pen.Box(Rgb.Hex(0x2A2C30), -0.75, 0, -0.65, 0.9);
                pen.Box(Rgb.Hex(0x2A2C30), 0.65, 0, 0.75, 0.9);
                break;
        }
    }

    private static void Ground(Canvas canvas, StreetPlan plan, SceneRandom random)
    {
        var paving = random.Pick<Rgb>([Rgb.Hex(0xA8A49C), Rgb.Hex(0x9A968C), Rgb.Hex(0xB4A898), Rgb.Hex(0x8E9296)]);
        var asphalt = random.Pick<Rgb>([Rgb.Hex(0x4A4C50), Rgb.Hex(0x5A5A5C), Rgb.Hex(0x3C4046), Rgb.Hex(0x66625C)]);
        canvas.Ramp(plan.HouseFoot, plan.RoadTop, paving.Shade(0.8), paving.Shade(0.95));
        canvas.Rect(0, plan.RoadTop - 1.5, canvas.Width, plan.RoadTop, Rgb.Hex(0xC4C2BC));
        canvas.Ramp(plan.RoadTop, plan.RoadBottom, asphalt.Shade(0.9), asphalt.Shade(1.08));
        for (var i = 0; i < 26; i++)
        {
            var y = random.Range(plan.RoadTop, plan.RoadBottom);
            var at = random.Range(-20, canvas.Width);
            canvas.Rect(at, y, at + random.Range(8, 70), y + random.Range(0.5, 3), random.Chance(0.5) ? Rgb.Hex(0x000000) : Rgb.Hex(0xFFFFFF), 0.06);
        }

        var paint = Rgb.Hex(0xDADAD2);
        for (var lane = 1; lane < StreetPlan.Lanes; lane++)
        {
            var y = plan.LaneEdge(lane);
            var thick = plan.ScaleAt(y) * 0.09;
            var dash = plan.ScaleAt(y) * 2.2;
            var middle = lane == StreetPlan.Lanes / 2;
            for (var x = random.Range(-dash * 2, 0); x < canvas.Width; x += dash * 2)
            {
                canvas.Rect(x, y - thick, x + (middle ? dash * 2 : dash), y, paint, 0.85);
            }
        }

        if (random.Chance(0.35))
        {
            Crossing(canvas, plan, random.Range(20, canvas.Width - 80.0), paint);
        }

        canvas.Rect(0, plan.RoadBottom, canvas.Width, plan.RoadBottom + 3, Rgb.Hex(0xCECCC6));
        canvas.Ramp(plan.RoadBottom + 3, canvas.Height, paving.Shade(0.92), paving.Shade(1.05));
        for (var x = random.Range(-30, 0); x < canvas.Width + 60; x += 26)
        {
            canvas.Polygon([x, plan.RoadBottom + 3, x + 1, plan.RoadBottom + 3, x - 13, canvas.Height, x - 15, canvas.Height], Rgb.Hex(0x000000), 0.14);
        }
    }

    private static void Crossing(Canvas canvas, StreetPlan plan, double x, Rgb paint)
    {
        var height = (plan.RoadBottom - plan.RoadTop) / 13;
        for (var i = 0; i < 13; i += 2)
        {
            var y = plan.RoadTop + (i * height);
            var left = x - ((y - plan.RoadTop) * 0.25);
            canvas.Polygon([left, y, left + 44, y, left + 44 - (height * 0.1), y + height, left - (height * 0.25), y + height], paint, 0.8);
        }
    }

    private static void House(Canvas canvas, double x1, double x2, double top, double foot, SceneRandom random)
    {
        var wall = random.Pick<Rgb>(s_walls).Shade(random.Range(0.75, 1.08));
        canvas.Rect(x1, top, x2, foot, wall);
        canvas.Rect(x1, top, x2, top + 3, wall.Shade(0.75));
        canvas.Rect(x2 - 2, top, x2, foot, wall.Shade(0.82));
        var pane = random.Pick<Rgb>([Rgb.Hex(0x3C4C5C), Rgb.Hex(0x5A6C7C), Rgb.Hex(0x2C3440), Rgb.Hex(0x88A0B0)]);
        var lit = random.Range(0, 0.35);
        var w = random.Range(4, 7);
        var h = random.Range(6, 10);
        for (var y = top + 7; y + h < foot - 20; y += h + 6)
        {
            for (var x = x1 + 5; x + w < x2 - 4; x += w + 5)
            {
                canvas.Rect(x - 0.5, y - 0.5, x + w + 0.5, y + h + 0.5, wall.Shade(0.7));
                canvas.Rect(x, y, x + w, y + h, random.Chance(lit) ? Rgb.Hex(0xF2D68C) : pane);
                canvas.Rect(x - 1, y + h + 0.5, x + w + 1, y + h + 1.5, wall.Shade(1.15));
            }
        }

        var shop = random.Pick<Rgb>(s_shops);
        canvas.Rect(x1 + 2, foot - 17, x2 - 3, foot - 13, shop);
        canvas.Rect(x1 + 4, foot - 13, x2 - 5, foot - 2, random.Chance(0.4) ? Rgb.Hex(0xE8D8A0) : pane.Shade(0.8));
        var door = random.Range(x1 + 5, x2 - 14);
        canvas.Rect(door, foot - 12.5, door + 6, foot, shop.Shade(0.6));
        canvas.Rect(x1 + 2, foot - 2, x2 - 2, foot, wall.Shade(0.55));
    }

    private static void Tree(Canvas canvas, double x, double ground, double scale, SceneRandom random)
    {
        var pen = new Pen(canvas, x, ground, scale, 1);
        var leaf = random.Pick<Rgb>([Rgb.Hex(0x3F6B34), Rgb.Hex(0x58803A), Rgb.Hex(0x2E5434), Rgb.Hex(0xA8803A)]);
        pen.Limb(Rgb.Hex(0x4A3828), 0, 0, 0, 2.4, 0.26);
        for (var i = 0; i < 7; i++)
        {
            var r = random.Range(0.5, 0.9);
            pen.Disc(leaf.Shade(random.Range(0.75, 1.2)), random.Range(-0.8, 0.8), random.Range(2.3, 3.9), r, r);
        }
    }

    private static void Cloud(Canvas canvas, SceneRandom random, Rgb colour)
    {
        var x = random.Range(0, canvas.Width);
        var y = random.Range(5, 40);
        for (var i = 0; i < 4; i++)
        {
            canvas.Ellipse(x + random.Range(-18, 18), y + random.Range(-3, 3), random.Range(10, 22), random.Range(3, 7), colour, 0.45);
        }
    }
}
