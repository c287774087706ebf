namespace ServerlessLoki.Samples.Painting;

/// <summary>Drawing of the seven person classes. Clothes vary freely; the helmet (worker), the cube on the back (courier), the umbrella,
/// the trolley (traveller), the build (child) and the stick (senior) tell the classes apart. Caps, bags and vests do not.</summary>
internal static class PersonPainter
{
    private static readonly Rgb[] s_skin = [Rgb.Hex(0xF0C8A0), Rgb.Hex(0xD8A070), Rgb.Hex(0x9A6238), Rgb.Hex(0x5F3B22)];
    private static readonly Rgb[] s_hair = [Rgb.Hex(0x20160E), Rgb.Hex(0x4A2E18), Rgb.Hex(0xA87C3C), Rgb.Hex(0x77726C)];

    private static readonly Rgb[] s_cloth =
    [
        Rgb.Hex(0x2B3A55), Rgb.Hex(0x8A2B2B), Rgb.Hex(0x3C6E47), Rgb.Hex(0xCFCBC2), Rgb.Hex(0x57455F), Rgb.Hex(0x1F1F23),
        Rgb.Hex(0xC9A227), Rgb.Hex(0x3F7FA6), Rgb.Hex(0xD8662A), Rgb.Hex(0x6E6A60), Rgb.Hex(0xB8D02A), Rgb.Hex(0xA04878),
    ];

    private static readonly Rgb[] s_legs = [Rgb.Hex(0x26304A), Rgb.Hex(0x3B3A38), Rgb.Hex(0x6B5B46), Rgb.Hex(0x17181C), Rgb.Hex(0x4A6078)];

    private static readonly Rgb[] s_helmets = [Rgb.Hex(0xF4D21C), Rgb.Hex(0xF2F2EE), Rgb.Hex(0xE8701C)];

    private static readonly Rgb[] s_cubes =
        [Rgb.Hex(0x18B4A0), Rgb.Hex(0xE0457B), Rgb.Hex(0x2E8B3A), Rgb.Hex(0xF08A1C), Rgb.Hex(0x24272C)];

    /// <summary>Draws one person with feet at the pen's origin, walking in the pen's direction.</summary>
    public static void Draw(Pen pen, int label, SceneRandom random)
    {
        var child = label == 5;
        var size = child ? random.Range(0.6, 0.72) : random.Range(0.93, 1.07);
        pen = pen with { Scale = pen.Scale * size };
        var shirt = random.Pick<Rgb>(s_cloth);
        var legs = random.Pick<Rgb>(s_legs);
        var skin = random.Pick<Rgb>(s_skin);
        var hair = label == 6 && random.Chance(0.5) ? s_hair[3] : random.Pick<Rgb>(s_hair);
        var stride = random.Range(0.06, 0.34);
        var headSize = child ? 0.175 : 0.135;
        pen.Disc(Rgb.Hex(0x101216), 0, 0.01, 0.42, 0.1, 0.4);

        if (label == 4)
        {
            Trolley(pen, random.Pick<Rgb>(s_cloth), stride);
        }
        else if (label != 2 && random.Chance(0.3))
        {
            pen.Box(random.Chance(0.5) ? random.Pick<Rgb>(s_cloth) : random.Pick<Rgb>(s_cubes), -0.38, 0.98, -0.14, 1.42);
        }
        else if (random.Chance(0.2))
        {
            pen.Box(random.Pick<Rgb>(s_cloth), -0.42, 0.5, -0.14, 0.84);
        }

        pen.Limb(legs.Shade(0.75), 0, 0.88, -stride, 0.05, 0.17);
        pen.Limb(legs, 0, 0.88, stride, 0.05, 0.17);
        pen.Box(Rgb.Hex(0x141416), -stride - 0.07, 0, -stride + 0.14, 0.08);
        pen.Box(Rgb.Hex(0x141416), stride - 0.07, 0, stride + 0.14, 0.08);
        var skirt = random.Chance(0.2);
        if (skirt)
        {
            pen.Shape(shirt.Shade(0.85), -0.28, 0.55, 0.28, 0.55, 0.17, 1.0, -0.17, 1.0);
        }

        pen.Shape(shirt, -0.18, 0.84, -0.23, 1.42, -0.1, 1.5, 0.1, 1.5, 0.22, 1.42, 0.18, 0.84);
        if (random.Chance(label == 1 ? 0.65 : 0.14))
        {
            var vest = random.Chance(0.5) ? Rgb.Hex(0xF07818) : Rgb.Hex(0xD8E81C);
            pen.Shape(vest, -0.2, 0.86, -0.24, 1.42, -0.1, 1.5, 0.1, 1.5, 0.24, 1.42, 0.2, 0.86);
            pen.Box(Rgb.Hex(0xE8ECEC), -0.22, 1.0, 0.22, 1.07);
            pen.Box(Rgb.Hex(0xE8ECEC), -0.23, 1.2, 0.23, 1.27);
        }
        else if (random.Chance(0.2))
        {
            pen.Box(random.Pick<Rgb>(s_cloth), -0.21, 1.05, 0.21, 1.17);
        }

        Arms(pen, label, shirt, skin, stride);
        if (label == 6)
        {
            pen.Limb(Rgb.Hex(0x3A2616), 0.12 + (stride * 0.6), 0.92, 0.32 + (stride * 0.6), 0, 0.085);
        }

        pen.Disc(skin, 0.02, 1.53 + headSize, headSize * 0.85, headSize);
        Hat(pen, label, hair, headSize, random);
        if (label == 2)
        {
            Cube(pen, random);
        }
        else if (label == 3)
        {
            Umbrella(pen, random.Pick<Rgb>(s_cloth));
        }
    }

    private static void Arms(Pen pen, int label, Rgb shirt, Rgb skin, double stride)
    {
        if (label == 4)
        {
            pen.Limb(shirt.Shade(0.8), -0.12, 1.4, -0.42, 0.98, 0.11);
        }
        else
        {
            pen.Limb(shirt.Shade(0.8), -0.1, 1.42, -0.12 - (stride * 0.6), 0.92, 0.11);
        }

        if (label == 3)
        {
            pen.Limb(shirt.Shade(0.9), 0.08, 1.42, 0.3, 1.28, 0.11);
            pen.Disc(skin, 0.3, 1.3, 0.06, 0.06);
        }
        else
        {
            pen.Limb(shirt.Shade(0.9), 0.08, 1.42, 0.12 + (stride * 0.6), 0.92, 0.11);
            pen.Disc(skin, 0.12 + (stride * 0.6), 0.9, 0.055, 0.055);
        }
    }

    private static void Hat(Pen pen, int label, Rgb hair, double head, SceneRandom random)
    {
        var y = 1.53 + head;
        var cap = random.Chance(0.3);
        if (label == 1)
        {
            var helmet = random.Pick<Rgb>(s_helmets);
            pen.Shape(helmet, -0.15, y + 0.03, -0.13, y + 0.12, -0.05, y + 0.19, 0.06, y + 0.19, 0.14, y + 0.12, 0.22, y + 0.03);
        }
        else if (cap)
        {
            pen.Shape(random.Chance(0.4) ? random.Pick<Rgb>(s_helmets) : random.Pick<Rgb>(s_cloth), -0.13, y + 0.03, -0.1, y + 0.13, 0.09, y + 0.13, 0.13, y + 0.05, 0.24, y + 0.03);
        }
        else
        {
            pen.Shape(hair, -0.14, y - 0.06, -0.13, y + 0.1, -0.04, y + head + 0.03, 0.08, y + head + 0.02, 0.13, y + 0.06, 0, y + 0.05, -0.06, y - 0.02);
        }
    }

    private static void Trolley(Pen pen, Rgb colour, double stride)
    {
        var x = -0.62 - (stride * 0.3);
        pen.Limb(Rgb.Hex(0x505458), x + 0.05, 0.55, -0.42, 0.98, 0.05);
        pen.Box(colour, x - 0.17, 0.08, x + 0.15, 0.56);
        pen.Box(colour.Shade(0.7), x - 0.17, 0.3, x + 0.15, 0.35);
        pen.Disc(Rgb.Hex(0x101114), x - 0.12, 0.05, 0.05, 0.05);
        pen.Disc(Rgb.Hex(0x101114), x + 0.12, 0.05, 0.05, 0.05);
    }

    private static void Cube(Pen pen, SceneRandom random)
    {
        var colour = random.Pick<Rgb>(s_cubes);
        pen.Box(colour, -0.6, 0.96, -0.18, 1.46);
        pen.Box(colour.Shade(0.75), -0.6, 0.96, -0.18, 1.03);
        pen.Box(colour.Mix(Rgb.Hex(0xFFFFFF), 0.7), -0.5, 1.14, -0.28, 1.3);
    }

    private static void Umbrella(Pen pen, Rgb colour)
    {
        pen.Limb(Rgb.Hex(0x2A2C30), 0.3, 1.25, 0.24, 2.1, 0.04);
        pen.Shape(colour, -0.5, 1.84, -0.3, 2.06, 0, 2.2, 0.24, 2.24, 0.48, 2.2, 0.78, 2.06, 0.98, 1.84, 0.62, 1.9, 0.24, 1.84, -0.14, 1.9);
        pen.Shape(colour.Shade(0.78), 0.24, 2.24, 0.62, 1.9, 0.24, 1.84, -0.14, 1.9);
    }
}
