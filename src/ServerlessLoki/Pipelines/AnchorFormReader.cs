using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Reads <c>anchors</c> of an output of detections.</summary>
internal static class AnchorFormReader
{
    private const string Decoder = "anchors";
    private const int MostMaps = 16, MostStride = 4096, MostPerCell = 64;

    public static AnchorForm? Read(JsonValue output, string? decoder, string? kind)
    {
        var isGiven = output.TryOptional("anchors", out var value);
        if (kind != "detections" || (!isGiven && decoder != Decoder))
            return null;
        if (!isGiven)
        {
            output.Fault("decoder anchors needs the anchors", null, "\"anchors\": {\"file\": \"anchors.csv\"}, or {\"strides\": [8, 16], \"sizes\": [[16, 32], [64, 128]]}");
            return null;
        }

        if (decoder != Decoder)
            value.Fault("only decoder anchors has such a key", null, "\"decoder\": \"anchors\" beside it, or leave the key out");
        return value.IsObjectWith("file", "strides", "sizes", "perCell", "encoding", "variances") ? Anchors(value) : null;
    }

    private static AnchorForm Anchors(JsonValue value)
    {
        var form = new AnchorForm
        {
            File = value.TryOptional("file", out var file) ? file.FilePath() : null,
            Strides = value.TryOptional("strides", out var strides) ? Integers(strides, MostStride) : [],
            PerCell = value.TryOptional("perCell", out var perCell) ? Integers(perCell, MostPerCell) : [],
            Sizes = value.TryOptional("sizes", out var sizes) ? [.. sizes.Items("an array with an array of side lengths for each stride").Select(static s => Numbers(s, 1e-3, 1e6))] : [],
            IsLinear = value.TryOptional("encoding", out var encoding) && encoding.OneOf("ssd", "linear") == "linear",
            Variances = value.TryOptional("variances", out var variances) ? Numbers(variances, 1e-9, 1e3) : [],
        };
        if (value.TryOptional("file", out _) == value.TryOptional("strides", out _))
            value.Fault("anchors come from a file or from a rule", null, "\"file\" or \"strides\", one of both");
        foreach (var key in (string[])["sizes", "perCell"])
        {
            if (value.TryOptional("file", out _) && value.TryOptional(key, out var stray))
                stray.Fault("a file says all of the anchors", null, "leave the key out");
        }

        if (form.Strides.Length > 0 && (form.Sizes.Length, form.PerCell.Length) is var (s, p) && ((s == 0) == (p == 0) || Math.Max(s, p) != form.Strides.Length))
            value.Fault("each stride has its anchors", $"{form.Strides.Length} strides, {s} \"sizes\", {p} \"perCell\"", "\"sizes\" or \"perCell\", as many as strides");
        if (form.Strides.Length > MostMaps)
            strides.Fault("too many strides", $"{form.Strides.Length}", $"at most {MostMaps}");
        if (form.Variances.Length is not (0 or 2))
            variances.Fault("there are two variances", $"{form.Variances.Length} numbers", "[0.1, 0.2]: of centres, and of widths and heights");
        return form;
    }

    private static ImmutableArray<int> Integers(JsonValue value, int most) =>
        [.. value.Items("an array of whole numbers").Select(v => (int?)v.Integer(1, most)).OfType<int>()];

    private static ImmutableArray<double> Numbers(JsonValue value, double least, double most) =>
        [.. value.Items("an array of numbers").Select(v => v.Number(least, most)).OfType<double>()];
}
