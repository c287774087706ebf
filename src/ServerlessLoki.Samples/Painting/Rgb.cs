namespace ServerlessLoki.Samples.Painting;

/// <summary>Colour with channels 0 … 255.</summary>
internal readonly record struct Rgb(byte R, byte G, byte B)
{
    /// <summary>Makes a colour from 0xRRGGBB.</summary>
    public static Rgb Hex(int value) => new((byte)(value >> 16), (byte)(value >> 8), (byte)value);

    /// <summary>Returns the same hue, brighter or darker.</summary>
    public Rgb Shade(double factor) => new(Clamp(R * factor), Clamp(G * factor), Clamp(B * factor));

    /// <summary>Blends two colours: 0 gives this colour, 1 the other.</summary>
    public Rgb Mix(Rgb other, double share) =>
        new(Clamp(R + ((other.R - R) * share)), Clamp(G + ((other.G - G) * share)), Clamp(B + ((other.B - B) * share)));

    /// <summary>Rounds to a channel value.</summary>
    public static byte Clamp(double value) => value <= 0 ? (byte)0 : value >= 254.5 ? (byte)255 : (byte)(value + 0.5);
}
