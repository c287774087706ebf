using System.Reflection;
using ScottPlot;
using SkiaSharp;

namespace ServerlessLoki.Cli.Drawing;

/// <summary>Inter, the font of all pictures. The font is embedded, because servers often have no fonts at all.</summary>
internal sealed class InterFont : IFontResolver
{
    /// <summary>Name of the family.</summary>
    public const string Name = "Inter";

    private const string File = "Inter-Regular.ttf";

    private static readonly Lazy<bool> Registered = new(() =>
    {
        Fonts.FontResolvers.Insert(0, new InterFont());
        Fonts.Default = Name;
        return true;
    });

    private InterFont()
    {
    }

    /// <summary>Typeface of the font; shared, never disposed.</summary>
    public static SKTypeface Face { get; } = SKTypeface.FromData(SKData.CreateCopy(Read()));

    /// <summary>Registers the font for plots.</summary>
    public static void Register() => _ = Registered.Value;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) => fontName == Name ? Face : null;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? Face : null;

    // The package has the font inside an assembly, as a file of Avalonia's resources: the length of the index, the index
    // (version, count, and of each file its name, offset and size), then the files. No type of the assembly is loaded.
    private static byte[] Read()
    {
        using var embedded = typeof(InterFont).Assembly.GetManifestResourceStream("fonts")!;
        var assembly = new byte[embedded.Length];
        embedded.ReadExactly(assembly);
        using var files = new BinaryReader(Assembly.Load(assembly).GetManifestResourceStream("!AvaloniaResources")!);
        var start = files.ReadInt32() + sizeof(int);
        _ = files.ReadInt32();
        for (var left = files.ReadInt32(); left > 0; left--)
        {
            var (name, offset, size) = (files.ReadString(), files.ReadInt32(), files.ReadInt32());
            if (!name.EndsWith(File, StringComparison.Ordinal))
                continue;
            files.BaseStream.Position = start + offset;
            return files.ReadBytes(size);
        }

        throw new InvalidOperationException($"Avalonia.Fonts.Inter has no {File}: take the version in Directory.Packages.props that has.");
    }
}
