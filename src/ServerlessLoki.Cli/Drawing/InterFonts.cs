using System.Collections.Frozen;
using System.Reflection;
using ScottPlot;
using SkiaSharp;

namespace ServerlessLoki.Cli.Drawing;

/// <summary>Inter, the font of all pictures. It is embedded, because servers often have no fonts at all.</summary>
internal sealed class InterFonts : IFontResolver
{
    /// <summary>Name of the family.</summary>
    public const string Name = "Inter";

    private static readonly FrozenDictionary<string, SKTypeface> Faces = Read("Inter-Regular.ttf", "Inter-SemiBold.ttf");
    private static readonly Lazy<bool> Registered = new(() =>
    {
        Fonts.FontResolvers.Insert(0, new InterFonts());
        Fonts.Default = Name;
        return true;
    });

    private InterFonts()
    {
    }

    /// <summary>Upright and regular; shared, never disposed.</summary>
    public static SKTypeface Regular => Faces["Inter-Regular.ttf"];

    /// <summary>Makes it the font of plots.</summary>
    public static void Register() => _ = Registered.Value;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName != Name ? null : weight > FontWeight.Normal ? Faces["Inter-SemiBold.ttf"] : Regular;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
        CreateTypeface(fontName, bold ? FontWeight.Bold : FontWeight.Normal, FontSlant.Upright, FontSpacing.Normal);

    // The package has the fonts inside an assembly, as files of Avalonia's resources: the length of the index, the index
    // (version, count, and of each file its name, offset and size), then the files. No type of the assembly is loaded.
    private static FrozenDictionary<string, SKTypeface> Read(params string[] wanted)
    {
        using var embedded = typeof(InterFonts).Assembly.GetManifestResourceStream("fonts")!;
        var assembly = new byte[embedded.Length];
        embedded.ReadExactly(assembly);
        using var files = new BinaryReader(Assembly.Load(assembly).GetManifestResourceStream("!AvaloniaResources")!);
        var start = files.ReadInt32() + sizeof(int);
        _ = files.ReadInt32();
        var index = Enumerable.Range(0, files.ReadInt32()).Select(_ => (Name: files.ReadString(), Offset: files.ReadInt32(), Size: files.ReadInt32())).ToArray();
        return wanted.ToFrozenDictionary(name => name, name =>
        {
            var file = Array.Find(index, f => f.Name.EndsWith('/' + name, StringComparison.Ordinal));
            if (file.Name is null)
                throw new InvalidOperationException($"Avalonia.Fonts.Inter has no {name}: take the version in Directory.Packages.props that has.");
            files.BaseStream.Position = start + file.Offset;
            return SKTypeface.FromData(SKData.CreateCopy(files.ReadBytes(file.Size)));
        }, StringComparer.Ordinal);
    }
}
