using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Reads an <c>input</c> of kind <c>audio</c> in a pipeline file.</summary>
internal static class AudioFormReader
{
    /// <summary>Keys of an audio input, apart from <c>kind</c>.</summary>
    public static readonly string[] Keys = ["rate", "features", "scale", "maxSeconds", "window", "hop"];

    private const double Least = 1e-9, Most = 1e6, LeastSeconds = 0.01;

    /// <summary>Reads the keys of an audio input; keys that are missing keep the values of <paramref name="above"/>.</summary>
    public static AudioForm Read(JsonValue value, AudioForm above)
    {
        var form = above with
        {
            Rate = value.TryOptional("rate", out var rate) ? (int?)rate.Integer(AudioForm.LeastRate, AudioForm.MostRate) ?? above.Rate : above.Rate,
            Features = value.TryOptional("features", out var features) ? FeaturesOf(features.OneOf("samples", "log-mel", "fbank")) : above.Features,
            Scale = value.TryOptional("scale", out var scale) ? scale.Number(Least, Most) ?? above.Scale : above.Scale,
            MaxSeconds = value.TryOptional("maxSeconds", out var seconds) ? seconds.Number(LeastSeconds, AudioForm.MostSeconds) ?? above.MaxSeconds : above.MaxSeconds,
            Window = value.TryOptional("window", out var window) ? window.Number(LeastSeconds, AudioForm.MostSeconds) ?? above.Window : above.Window,
            Hop = value.TryOptional("hop", out var hop) ? hop.Number(LeastSeconds, AudioForm.MostSeconds) ?? above.Hop : above.Hop,
        };
        if (form.Hop is { } step && !(step <= form.Window))
            value.Fault("windows leave nothing out between them", $"a \"hop\" of {step} s and {(form.Window is { } w ? $"a \"window\" of {w} s" : "no \"window\"")}", "a \"hop\" of at most \"window\"");
        return form;
    }

    private static AudioFeatures FeaturesOf(string? features) => features switch
    {
        "log-mel" => AudioFeatures.LogMel,
        "fbank" => AudioFeatures.Fbank,
        _ => AudioFeatures.Samples,
    };
}
