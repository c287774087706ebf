namespace ServerlessLoki.Samples.Painting;

/// <content>What vehicles of several builds have: wheels and trim, and the marks that tell classes apart or only seem to.</content>
internal static partial class VehiclePainter
{
    // Sill shadow and a light line under the windows.
    private static void Sheen(Pen pen, Rgb paint, double from, double to)
    {
        pen.Box(paint.Shade(0.62), from, 0.3, to, 0.46);
        pen.Box(s_white, from + 0.12, 0.84, to - 0.3, 0.9, 0.25);
    }

    private static void Trim(Pen pen, double front, double lampHeight, double door)
    {
        pen.Box(Rgb.Hex(0xFFF3C0), front - 0.28, lampHeight, front - 0.02, lampHeight + 0.15);
        pen.Box(Rgb.Hex(0xC01824), 0.04, lampHeight, 0.22, lampHeight + 0.18);
        pen.Box(s_black, door, 0.45, door + 0.04, 0.92, 0.6);
    }

    private static void Wheels(Pen pen, double radius, params ReadOnlySpan<double> at)
    {
        foreach (var x in at)
        {
            pen.Disc(s_black, x, radius + 0.03, radius * 1.2, radius * 1.2);
            pen.Disc(s_tyre, x, radius, radius, radius);
            pen.Disc(Rgb.Hex(0x9A9EA4), x, radius, radius * 0.58, radius * 0.58);
            pen.Disc(Rgb.Hex(0x55585C), x, radius, radius * 0.22, radius * 0.22);
        }
    }

    private static void LightBar(Pen pen, double x, double roof, double half)
    {
        pen.Box(s_red, x - half, roof, x, roof + 0.17);
        pen.Box(s_blue, x, roof, x + half, roof + 0.17);
    }

    private static void Cross(Pen pen, Rgb colour, double x, double y, double arm)
    {
        pen.Box(s_white, x - (arm * 1.3), y - (arm * 1.3), x + (arm * 1.3), y + (arm * 1.3));
        pen.Box(colour, x - arm, y - (arm * 0.34), x + arm, y + (arm * 0.34));
        pen.Box(colour, x - (arm * 0.34), y - arm, x + (arm * 0.34), y + arm);
    }

    private static void Stripe(Pen pen, bool chequered, Rgb paint, SceneRandom random)
    {
        if (!chequered)
        {
            pen.Box(random.Chance(0.5) ? paint.Mix(s_white, 0.6) : random.Pick<Rgb>(s_paints), 1.0, 0.64, 3.16, 0.8);
            return;
        }

        for (var i = 0; i < 8; i++)
        {
            pen.Box(i % 2 == 0 ? s_black : s_white, 1.0 + (i * 0.27), 0.64, 1.27 + (i * 0.27), 0.8);
        }
    }

    // A firm's mark that a hasty look takes for a cross or an envelope.
    private static void Logo(Pen pen, double x, SceneRandom random)
    {
        switch (random.Below(5))
        {
            case 0:
                pen.Disc(random.Pick<Rgb>(s_paints), x, 1.48, 0.32, 0.32);
                break;
            case 1:
                pen.Box(random.Chance(0.5) ? s_yellow : s_white, x - 0.42, 1.22, x + 0.42, 1.76);
                pen.Box(s_black, x - 0.3, 1.45, x + 0.3, 1.53);
                break;
            case 2:
                pen.Box(s_white, x - 0.34, 1.14, x + 0.34, 1.82);
                pen.Disc(random.Chance(0.7) ? s_red : Rgb.Hex(0x1F7A3E), x, 1.48, 0.24, 0.24);
                break;
            case 3:
                pen.Box(random.Pick<Rgb>(s_paints), x - 0.6, 1.3, x + 0.6, 1.66);
                break;
            default:
                break;
        }
    }

    // A box or rack that a hasty look takes for a taxi sign or a light bar.
    private static void RoofLoad(Pen pen, double x, double roof, SceneRandom random)
    {
        switch (random.Below(6))
        {
            case 0:
                pen.Box(random.Pick<Rgb>(s_roofBoxes), x - 0.5, roof + 0.02, x + 0.5, roof + 0.2);
                break;
            case 1:
                pen.Box(random.Pick<Rgb>(s_roofBoxes), x - 0.3, roof, x + 0.3, roof + 0.17);
                break;
            case 2:
                pen.Box(s_black, x - 0.7, roof, x + 0.7, roof + 0.08);
                break;
            default:
                break;
        }
    }
}
