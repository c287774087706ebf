using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Reader of COCO's <c>instances</c> files: images, annotations with boxes, categories.</summary>
internal static class CocoFile
{
    /// <summary>Reads a file; null where it is JSON of another layout.</summary>
    public static List<Sample>? Read(FileInfo file, DataFaults faults)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(File.ReadAllText(file.FullName));
        }
        catch (JsonException e)
        {
            faults.Add(file.Name, $"it is no JSON: {e.Message}");
            return [];
        }

        using (document)
        {
            var root = document.RootElement;
            return Items(root, "images") is { } images && Items(root, "annotations") is { } annotations && Items(root, "categories") is { } categories
                ? Read(file, images, annotations, categories, faults) : null;
        }
    }

    private static List<Sample> Read(FileInfo file, JsonElement[] images, JsonElement[] annotations, JsonElement[] categories, DataFaults faults)
    {
        var names = new Dictionary<long, (string Name, string Group)>();
        foreach (var category in categories)
        {
            if (Id(category, "id") is not { } id || Text(category, "name") is not { } name || !names.TryAdd(id, (name, Text(category, "supercategory") ?? "")))
                faults.Add(file.Name, $"categories: {category.GetRawText()} needs an id of its own and a name");
        }

        var pictures = new Dictionary<long, (string Path, PictureHeader Header, ImmutableArray<TruthBox>.Builder Boxes)>();
        foreach (var image in images)
        {
            var path = Text(image, "file_name") is { } name ? Find(file, name) ?? name : null;
            if (Id(image, "id") is not { } id || path is null)
                faults.Add(file.Name, $"images: {image.GetRawText()} needs an id and a file_name");
            else if ((File.Exists(path) ? SampleFiles.Fault(QueryKind.Picture, path, out var header) : Missing(out header)) is { } fault)
                faults.Add(file.Name, $"images: {path}: {fault}");
            else if (!pictures.TryAdd(id, (path, header, ImmutableArray.CreateBuilder<TruthBox>())))
                faults.Add(file.Name, string.Create(CultureInfo.InvariantCulture, $"images: id {id} stands there twice"));
        }

        foreach (var annotation in annotations)
            Add(annotation, pictures, names, file, faults);
        return [.. pictures.Values.Select(p => new Sample(Path.GetFileName(p.Path), new SampleInput(QueryKind.Picture, [p.Path])) { Boxes = p.Boxes.ToImmutable() })];
    }

    private static void Add(
        JsonElement annotation, Dictionary<long, (string Path, PictureHeader Header, ImmutableArray<TruthBox>.Builder Boxes)> pictures, Dictionary<long, (string Name, string Group)> names, FileInfo file, DataFaults faults)
    {
        var where = string.Create(CultureInfo.InvariantCulture, $"annotation {Id(annotation, "id")}");
        double[] box = annotation.TryGetProperty("bbox", out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(static v => v.ValueKind == JsonValueKind.Number).Select(static v => v.GetDouble())] : [];
        if (Id(annotation, "category_id") is not { } category || !names.TryGetValue(category, out var name))
            faults.Add(file.Name, $"{where}: its category_id is that of no category");
        else if (box is not [var x, var y, > 0 and var width, > 0 and var height])
            faults.Add(file.Name, $"{where}: bbox must be [x, y, width, height] in pixels, width and height above 0");
        else if (Id(annotation, "image_id") is not { } image)
            faults.Add(file.Name, $"{where}: it names no image_id");
        else if (pictures.TryGetValue(image, out var picture))
            picture.Boxes.Add(new TruthBox(name.Name, name.Group, x / picture.Header.Width, y / picture.Header.Height, (x + width) / picture.Header.Width, (y + height) / picture.Header.Height, Id(annotation, "iscrowd") == 1));
        // An image that is missing or faulty was reported with the images.
    }

    /// <summary>Pictures lie beside the file, in a folder "images" or one of the file's name, or the same one level up.</summary>
    private static string? Find(FileInfo file, string name)
    {
        var own = file.DirectoryName!;
        string[] folders = [own, Path.Combine(own, "images"), Path.Combine(own, Path.GetFileNameWithoutExtension(file.Name)), Path.Combine(own, ".."), Path.Combine(own, "..", "images")];
        return folders.Select(f => Path.GetFullPath(Path.Combine(f, name))).FirstOrDefault(File.Exists);
    }

    private static string Missing(out PictureHeader header)
    {
        header = default;
        return "there is no such file beside the annotations, nor in a folder 'images' there";
    }

    private static JsonElement[]? Items(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Where(static v => v.ValueKind == JsonValueKind.Object)] : null;

    private static long? Id(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
