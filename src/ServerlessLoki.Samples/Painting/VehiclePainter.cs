namespace ServerlessLoki.Samples.Painting;

/// <summary>
/// Draws the nine vehicle classes from the side. Only small marks tell those of one build apart (roof sign, light bar,
/// cross, envelope, ladder); colour never decides, and harmless look-alikes (roof boxes, logos, panels) are common.
/// </summary>
internal static partial class VehiclePainter
{
    private const int Private = 0;
    private const int Taxi = 1;
    private const int Police = 2;
    private const int Van = 3;
    private const int Ambulance = 4;
    private const int Post = 5;
    private const int Truck = 6;
    private const int FireEngine = 7;

    private static readonly Rgb[] s_paints =
    [
        Rgb.Hex(0xC8CCD0), Rgb.Hex(0xE8E8E4), Rgb.Hex(0x2A2D33), Rgb.Hex(0x6B7078), Rgb.Hex(0xB0242A), Rgb.Hex(0x23468C),
        Rgb.Hex(0x2F6E4A), Rgb.Hex(0xE3B21C), Rgb.Hex(0x7A4B2A), Rgb.Hex(0x4F8FC0), Rgb.Hex(0xD9731F), Rgb.Hex(0x8C2F58),
    ];

    private static readonly Rgb s_tyre = Rgb.Hex(0x17181A);
    private static readonly Rgb s_glass = Rgb.Hex(0x3A4A58);
    private static readonly Rgb s_red = Rgb.Hex(0xD0202C);
    private static readonly Rgb s_blue = Rgb.Hex(0x2450E0);
    private static readonly Rgb s_yellow = Rgb.Hex(0xF0C020);
    private static readonly Rgb s_white = Rgb.Hex(0xF2F2EE);
    private static readonly Rgb s_black = Rgb.Hex(0x1C1E22);

    private static readonly Rgb[] s_roofBoxes =
        [Rgb.Hex(0x1C1E22), Rgb.Hex(0x55585C), Rgb.Hex(0xF2F2EE), Rgb.Hex(0xE3B21C), Rgb.Hex(0xB0242A), Rgb.Hex(0x2450B0)];

    /// <summary>Draws one vehicle; all its random properties come from <paramref name="random"/>.</summary>
    public static void Draw(Pen pen, int label, SceneRandom random)
    {
        pen.Disc(s_black, LengthOf(label) / 2, 0.02, LengthOf(label) * 0.54, 0.24, 0.45);
        switch (label)
        {
            case Private:
            case Taxi:
            case Police:
                Saloon(pen, label, random);
                break;
            case Van:
            case Ambulance:
            case Post:
                DrawVan(pen, label, random);
                break;
            case Truck:
            case FireEngine:
                DrawTruck(pen, label == FireEngine, random);
                break;
            default:
                DrawBus(pen, random);
                break;
        }
    }

    /// <summary>Returns the length in metres by class.</summary>
    public static double LengthOf(int label) => label switch
    {
        Private or Taxi or Police => 4.5,
        Van or Ambulance or Post => 5.0,
        Truck or FireEngine => 6.4,
        _ => 8.4,
    };

    private static void Saloon(Pen pen, int label, SceneRandom random)
    {
        var paint = label == Taxi && random.Chance(0.3) ? s_yellow : random.Pick<Rgb>(s_paints);
        var roof = random.Range(1.36, 1.5);
        var rear = 0.75;
        if (random.Chance(0.4))
        {
            rear = 0.3;
            pen.Shape(paint, 0.05, 0.32, 0.02, 0.9, 0.3, roof - 0.08, 0.62, roof, 2.75, roof, 3.35, 0.92, 4.25, 0.8, 4.48, 0.55, 4.46, 0.3);
        }
        else
        {
            pen.Shape(paint, 0.05, 0.32, 0.02, 0.85, 0.75, 0.95, 1.25, roof, 2.75, roof, 3.35, 0.92, 4.25, 0.8, 4.48, 0.55, 4.46, 0.3);
        }

        Sheen(pen, paint, 0.05, 4.45);
        pen.Shape(s_glass, rear + 0.23, 0.95, rear + 0.55, roof - 0.1, 1.95, roof - 0.1, 1.95, 0.95);
        pen.Shape(s_glass.Shade(1.12), 2.05, 0.95, 2.05, roof - 0.1, 2.68, roof - 0.1, 3.12, 0.95);
        if (random.Chance(label == Police ? 0.5 : 0.2))
        {
            pen.Box(paint.R + paint.G > 300 ? random.Pick<Rgb>([s_black, Rgb.Hex(0x23468C)]) : s_white, 1.15, 0.42, 3.0, 0.88);
        }
        else if (random.Chance(0.3))
        {
            Stripe(pen, label == Taxi, paint, random);
        }

        switch (label)
        {
            case Police:
                LightBar(pen, 2.0, roof, 0.32);
                break;
            case Taxi:
                pen.Box(s_black, 1.76, roof, 2.24, roof + 0.2);
                pen.Box(Rgb.Hex(0xFFE890), 1.8, roof + 0.04, 2.2, roof + 0.17);
                break;
            default:
                RoofLoad(pen, 2.0, roof, random);
                break;
        }

        Trim(pen, 4.46, 0.62, 1.95);
        Wheels(pen, 0.34, 0.85, 3.6);
    }

    private static void DrawVan(Pen pen, int label, SceneRandom random)
    {
        var paint = label == Ambulance && random.Chance(0.4) ? s_white
            : random.Chance(0.35) ? s_white
            : random.Pick<Rgb>(s_paints);
        const double end = 4.98;
        var roof = random.Range(2.05, 2.35);
        pen.Shape(paint, 0.05, 0.32, 0.04, roof - 0.1, 0.2, roof, end - 1.55, roof, end - 0.75, 1.25, end - 0.15, 1.05, end, 0.6, end - 0.02, 0.3);
        Sheen(pen, paint, 0.05, end - 0.05);
        pen.Shape(s_glass, end - 2.05, 1.25, end - 2.05, roof - 0.22, end - 1.6, roof - 0.22, end - 0.95, 1.25);
        pen.Box(paint.Shade(0.8), 2.75, 0.42, 2.79, roof - 0.15);
        if (random.Chance(0.45))
        {
            pen.Box(random.Pick<Rgb>(s_paints), 0.06, 0.78, end - 0.3, 0.98);
        }

        var x = random.Range(1.2, 1.8);
        switch (label)
        {
            case Ambulance:
                Cross(pen, random.Chance(0.7) ? s_red : Rgb.Hex(0x1F7A3E), x, 1.48, 0.26);
                if (random.Chance(0.5))
                {
                    LightBar(pen, end - 2.1, roof, 0.3);
                }

                break;
            case Post:
                pen.Box(random.Chance(0.5) ? s_yellow : s_white, x - 0.42, 1.22, x + 0.42, 1.76);
                pen.Limb(s_black, x - 0.4, 1.72, x, 1.44, 0.08);
                pen.Limb(s_black, x, 1.44, x + 0.4, 1.72, 0.08);
                break;
            default:
                Logo(pen, x, random);
                RoofLoad(pen, end - 2.6, roof, random);
                break;
        }

        Trim(pen, end, 0.72, 2.85);
        Wheels(pen, 0.38, 0.95, end - 0.95);
    }

    private static void DrawTruck(Pen pen, bool fire, SceneRandom random)
    {
        var cab = random.Chance(fire ? 0.55 : 0.2) ? s_red.Shade(0.9) : random.Pick<Rgb>(s_paints);
        var cargo = random.Chance(fire ? 0.75 : 0.3) ? cab : random.Chance(0.4) ? s_white.Shade(0.92) : random.Pick<Rgb>(s_paints);
        var top = random.Range(2.35, 2.85);
        pen.Box(Rgb.Hex(0x34363A), 0.1, 0.45, 6.2, 0.72);
        pen.Box(cargo, 0.04, 0.7, 4.35, top);
        pen.Box(cargo.Shade(0.82), 0.04, 0.7, 4.35, 0.82);
        for (var x = 0.75; x < 4.2; x += 0.72)
        {
            pen.Box(cargo.Shade(0.86), x, 0.82, x + 0.05, top);
        }

        if (random.Chance(0.35))
        {
            pen.Box(random.Pick<Rgb>(s_paints), 1.1, 1.35, 3.2, top - 0.45);
        }

        pen.Shape(cab, 4.5, 0.42, 4.5, 2.3, 5.75, 2.3, 6.22, 1.35, 6.36, 0.95, 6.36, 0.38);
        pen.Shape(s_glass, 5.05, 1.35, 5.05, 2.1, 5.65, 2.1, 6.02, 1.35);
        if (fire)
        {
            pen.Limb(Rgb.Hex(0xB8BCC0), 0.3, top + 0.06, 4.6, top + 0.16, 0.06);
            pen.Limb(Rgb.Hex(0xB8BCC0), 0.3, top + 0.2, 4.6, top + 0.3, 0.06);
            for (var x = 0.5; x < 4.5; x += 0.5)
            {
                pen.Box(Rgb.Hex(0xB8BCC0), x, top + 0.08, x + 0.06, top + 0.28);
            }

            LightBar(pen, 5.2, 2.3, 0.3);
        }
        else if (random.Chance(0.4))
        {
            pen.Box(random.Pick<Rgb>(s_roofBoxes), 4.7, 2.3, 5.6, 2.5);
        }

        Sheen(pen, cab, 4.5, 6.34);
        Trim(pen, 6.36, 0.75, 4.95);
        Wheels(pen, 0.46, 1.0, 2.0, 5.45);
    }

    private static void DrawBus(Pen pen, SceneRandom random)
    {
        var paint = random.Pick<Rgb>(s_paints);
        var top = random.Range(2.7, 3.0);
        pen.Shape(paint, 0.04, 0.35, 0.04, top - 0.15, 0.2, top, 8.1, top, 8.36, top - 0.3, 8.38, 0.35);
        pen.Box(random.Chance(0.5) ? paint.Shade(0.7) : s_white, 0.04, 0.82, 8.37, 1.02);
        pen.Box(s_glass.Shade(0.9), 0.3, 1.35, 8.34, top - 0.42);
        for (var x = 1.35; x < 7.4; x += 1.16)
        {
            pen.Box(paint, x, 1.35, x + 0.12, top - 0.42);
        }

        pen.Box(s_black, 6.95, 0.42, 7.72, top - 0.4);
        pen.Box(s_glass.Shade(1.2), 7.02, 0.6, 7.3, top - 0.5);
        pen.Box(s_glass.Shade(1.2), 7.38, 0.6, 7.66, top - 0.5);
        pen.Box(Rgb.Hex(0xF5A623), 7.75, top - 0.32, 8.3, top - 0.14);
        Sheen(pen, paint, 0.05, 8.36);
        Trim(pen, 8.38, 0.7, 6.8);
        Wheels(pen, 0.48, 1.7, 6.2);
    }
}
