using System.Text.Json;
using System.Text.Json.Nodes;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Conversion of images to a model's input, by <c>preprocessor_config.json</c> or as usual for models of its kind.</summary>
internal static class PictureForm
{
    private const double Least = 0.01;
    private const int ImageNetClasses = 1000;

    /// <summary>Makes the task's <c>input</c> for a classifier or an encoder, with the assumption made.</summary>
    public static (JsonObject Input, string? Assumed) Of(ModelFacts facts, PictureShape shape, int? classes)
    {
        if (facts.UltralyticsTask is not null)
            return (Kind("center-crop"), null);
        if (facts.Preprocessor is not null)
            return (Said(facts.Preprocessor, shape), null);
        if (classes == ImageNetClasses && shape is { Channels: 3, IsPlanar: true, Datatype: not "UINT8" })
        {
            var input = Kind("center-crop");
            input["crop"] = 0.875;
            input["mean"] = new JsonArray(0.485, 0.456, 0.406);
            input["std"] = new JsonArray(0.229, 0.224, 0.225);
            return (input, "pictures are cropped and normalised as torchvision does for ImageNet, because there are 1000 classes; \"input\" says otherwise");
        }

        return (Kind(null), shape.Datatype == "UINT8" ? "pictures are stretched to the model's size, bytes as they are" : "pictures are stretched to the model's size, RGB, 0..1: set \"input\" as in training (mean, std, resize)");
    }

    /// <summary>Makes the task's <c>input</c> with a way of fitting images.</summary>
    public static JsonObject Kind(string? resize)
    {
        var input = new JsonObject { ["kind"] = "image" };
        if (resize is not null)
            input["resize"] = resize;
        return input;
    }

    /// <summary>Returns the side of the square in the files; null where they state none.</summary>
    public static int? Side(ModelFacts facts)
    {
        double? side = Length(facts.Preprocessor, "crop_size", "height", "width") ?? Length(facts.Preprocessor, "size", "height", "width", "shortest_edge") ?? facts.Config.Number("image_size");
        if (side is null && facts.Metadata.TryGetValue("imgsz", out var text) && int.TryParse(text.Trim('[', ']', ' ').Split(',')[0], out var first))
            side = first;
        return side is >= 1 and <= 1 << 16 ? (int)side : null;
    }

    private static JsonObject Said(JsonElement? said, PictureShape shape)
    {
        // ConvNeXt says its crop as a share of the resized picture; from 384 on it stretches.
        var share = said.Number("crop_pct") is > 0 and < 1 and var part && Length(said, "size", "shortest_edge") is < 384 ? part : (double?)null;
        var isCropped = said.Flag("do_center_crop") == true || share is not null;
        var input = Kind(isCropped ? "center-crop" : null);
        if (said.Flag("do_flip_channel_order") == true && shape.Channels == 3)
            input["channels"] = "bgr";
        if (share is { } kept)
            input["crop"] = Math.Round(Math.Max(Least, kept), 6);
        else if (isCropped && Length(said, "crop_size", "height", "width") is { } crop && Length(said, "size", "shortest_edge", "height") is { } size && crop < size)
            input["crop"] = Math.Round(Math.Max(Least, crop / size), 6);
        if (shape.Datatype == "UINT8")
            return input;
        if (said.Flag("do_rescale") == false)
            input["scale"] = 1;
        else if (said.Number("rescale_factor") is > 0 and var factor && Math.Abs(factor - (1.0 / 255)) > 1e-9)
            input["scale"] = factor;
        if (said.Flag("do_normalize") == false)
            return input;
        if (said.Numbers("image_mean") is { } mean && (mean.Length == 1 || mean.Length == shape.Channels))
            input["mean"] = new JsonArray([.. mean.Select(static m => (JsonNode)m)]);
        if (said.Numbers("image_std") is { } deviation && (deviation.Length == 1 || deviation.Length == shape.Channels))
            input["std"] = new JsonArray([.. deviation.Select(static d => (JsonNode)d)]);
        return input;
    }

    /// <summary>Reads a length that is a number, or a member of an object.</summary>
    private static double? Length(JsonElement? said, string name, params ReadOnlySpan<string> members)
    {
        if (said.Number(name) is { } number)
            return number;
        foreach (var member in members)
        {
            if (said.Object(name).Number(member) is > 0 and var length)
                return length;
        }

        return null;
    }
}
