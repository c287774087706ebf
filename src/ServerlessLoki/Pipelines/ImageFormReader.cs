using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Reads an <c>input</c> of kind <c>image</c> in a pipeline file.</summary>
internal static class ImageFormReader
{
    /// <summary>Keys of an image input, apart from <c>kind</c>.</summary>
    public static readonly string[] Keys = ["resize", "antialias", "fill", "crop", "channels", "scale", "mean", "std"];

    private const double Least = 1e-9, Most = 1e6;

    /// <summary>Reads the keys of an image input; keys that are missing keep the values of <paramref name="above"/>.</summary>
    public static ImageForm Read(JsonValue value, ImageForm above)
    {
        var form = above with
        {
            Fit = value.TryOptional("resize", out var resize) && resize.OneOf("stretch", "letterbox", "center-crop") is { } fit ? FitOf(fit) : above.Fit,
            Antialias = value.TryOptional("antialias", out var antialias) ? antialias.Flag() ?? above.Antialias : above.Antialias,
            Channels = value.TryOptional("channels", out var channels) && channels.OneOf("rgb", "bgr", "grey") is { } order ? OrderOf(order) : above.Channels,
            Scale = value.TryOptional("scale", out var scale) ? scale.Number(Least, Most) ?? above.Scale : above.Scale,
            Mean = value.TryOptional("mean", out var mean) ? Numbers(mean, -Most, Most, above.Mean) : above.Mean,
            Deviation = value.TryOptional("std", out var deviation) ? Numbers(deviation, Least, Most, above.Deviation) : above.Deviation,
        };
        if (value.TryOptional("fill", out var fill))
            form = form with { Fill = fill.Number(0, 255) ?? above.Fill };
        if (value.TryOptional("crop", out var crop))
            form = form with { Crop = crop.Number(0.01, 1) ?? above.Crop };
        if (value.TryOptional("fill", out _) && form.Fit != ImageFit.Letterbox)
            fill.Fault("only a letterbox has borders to fill", null, "\"resize\": \"letterbox\" beside it, or leave the key out");
        if (value.TryOptional("crop", out _) && form.Fit != ImageFit.CenterCrop)
            crop.Fault("only a center crop cuts off", null, "\"resize\": \"center-crop\" beside it, or leave the key out");
        return form;
    }

    private static ImmutableArray<double> Numbers(JsonValue value, double least, double most, ImmutableArray<double> above)
    {
        const string Allowed = "an array of one number, or of one for each channel";
        var items = value.Items(Allowed);
        if (value.IsArray && items.Count is not (1 or 3))
            value.Fault("not one number, nor one for each channel", $"{items.Count} numbers", "1 or 3");
        var numbers = items.Select(i => i.Number(least, most)).OfType<double>().ToImmutableArray();
        return numbers.Length is 1 or 3 && numbers.Length == items.Count ? numbers : above;
    }

    private static ImageFit FitOf(string fit) => fit switch
    {
        "letterbox" => ImageFit.Letterbox,
        "center-crop" => ImageFit.CenterCrop,
        _ => ImageFit.Stretch,
    };

    private static ImageChannels OrderOf(string order) => order switch
    {
        "bgr" => ImageChannels.Bgr,
        "grey" => ImageChannels.Grey,
        _ => ImageChannels.Rgb,
    };
}
