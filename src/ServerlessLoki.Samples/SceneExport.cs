using System.Globalization;

namespace ServerlessLoki.Samples;

/// <summary>Export of scenes for training: <c>images.u8</c>, the raw RGB bytes of all scenes one after the other, and <c>objects.csv</c>,
/// one line per object: scene, kind, label, box in pixels, visible share.</summary>
public static class SceneExport
{
    /// <summary>Draws and writes <paramref name="count"/> scenes whose seeds begin at <paramref name="firstSeed"/>.</summary>
    /// <param name="directory">Folder to write to, created if missing; both files are replaced.</param>
    /// <param name="count">Number of scenes; at least 1.</param>
    /// <param name="firstSeed">Seed of the first scene; the others follow.</param>
    /// <param name="progress">Receives the number of scenes written.</param>
    /// <param name="cancellationToken">Checked before each scene.</param>
    public static void Write(string directory, int count, ulong firstSeed, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Directory.CreateDirectory(directory);
        using var images = File.Create(Path.Combine(directory, "images.u8"));
        using var objects = new StreamWriter(Path.Combine(directory, "objects.csv"));
        objects.WriteLine("scene,kind,label,x1,y1,x2,y2,visible");
        for (var i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var scene = SceneGenerator.Generate(firstSeed + (ulong)i);
            images.Write(scene.Image.Pixels);
            foreach (var o in scene.Objects)
            {
                objects.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{i},{(int)o.Kind},{o.LabelIndex},{o.Box.X1},{o.Box.Y1},{o.Box.X2},{o.Box.Y2},{o.VisibleShare:F3}"));
            }

            progress?.Report(i + 1);
        }
    }
}
