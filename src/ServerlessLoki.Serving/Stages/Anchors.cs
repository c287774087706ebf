using System.Globalization;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Anchor boxes: centre x, centre y, width and height of each, in shares of the model's input.</summary>
internal static class Anchors
{
    /// <summary>Numbers of an anchor.</summary>
    public const int Width = 4;

    private const int MostBytes = 16 << 20, MostCount = 1_000_000;

    /// <summary>Reads or makes the anchors.</summary>
    /// <param name="form">What the file says.</param>
    /// <param name="image">Height and width of the model's input; null = not known.</param>
    /// <param name="fullPath">Returns the full path of a file that the pipeline file names.</param>
    /// <param name="fault">Why there are none; null where there are.</param>
    public static float[] Of(AnchorForm form, (int Height, int Width)? image, Func<string, string> fullPath, out string? fault)
    {
        if (form.File is { } file)
            return Read(fullPath(file), out fault);
        fault = null;
        if (image is not { } size)
        {
            fault = "anchors are made for an image input of a fixed size: fix height and width when you export the model, or list the anchors in a \"file\"";
            return [];
        }

        var count = form.Strides.Select((s, i) => (long)Cells(size.Height, s) * Cells(size.Width, s) * PerCell(form, i)).Sum();
        if (count > MostCount)
        {
            fault = $"\"anchors\" makes {count} anchors; at most {MostCount} are read";
            return [];
        }

        var anchors = new List<float>((int)count * Width);
        for (var map = 0; map < form.Strides.Length; map++)
            Add(anchors, form, map, size);
        return [.. anchors];
    }

    private static void Add(List<float> anchors, AnchorForm form, int map, (int Height, int Width) size)
    {
        var stride = form.Strides[map];
        for (var y = 0; y < Cells(size.Height, stride); y++)
        {
            for (var x = 0; x < Cells(size.Width, stride); x++)
            {
                for (var i = 0; i < PerCell(form, map); i++)
                {
                    var (width, height) = form.Sizes.IsEmpty ? (1, 1) : (form.Sizes[map][i] / size.Width, form.Sizes[map][i] / size.Height);
                    anchors.AddRange([(float)((x + 0.5) * stride / size.Width), (float)((y + 0.5) * stride / size.Height), (float)width, (float)height]);
                }
            }
        }
    }

    private static int Cells(int side, int stride) => (side + stride - 1) / stride;

    private static int PerCell(AnchorForm form, int map) => form.Sizes.IsEmpty ? form.PerCell[map] : form.Sizes[map].Length;

    private static float[] Read(string path, out string? fault)
    {
        try
        {
            fault = new FileInfo(path) is { Exists: true, Length: > MostBytes } found ? $"the file of anchors '{path}' has {found.Length >> 20} MB; at most {MostBytes >> 20} MB are read" : null;
            return fault is null ? Parse(File.ReadAllText(path), path, out fault) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = $"the file of anchors '{path}' cannot be read: {e.Message}";
            return [];
        }
    }

    /// <summary>Reads the text of a file.</summary>
    internal static float[] Parse(string text, string path, out string? fault)
    {
        var anchors = new List<float>();
        var line = 0;
        foreach (var read in text.AsSpan().EnumerateLines())
        {
            line++;
            if (read.Trim().IsEmpty)
                continue;
            var numbers = Array.ConvertAll(
                read.ToString().Split([',', ';', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries),
                static p => float.TryParse(p, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : float.NaN);
            anchors.AddRange(numbers);
            if (numbers.Length != Width || !numbers.All(float.IsFinite) || anchors.Count > Width * MostCount || !(numbers[2] > 0 && numbers[3] > 0))
            {
                fault = $"the file of anchors '{path}', line {line}: a line has four numbers, centre x, centre y, width and height, the last two above 0; at most {MostCount} lines";
                return [];
            }
        }

        fault = anchors.Count == 0 ? $"the file of anchors '{path}' is empty" : null;
        return [.. anchors];
    }
}
