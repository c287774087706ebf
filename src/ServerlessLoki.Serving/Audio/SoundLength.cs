using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Audio;

/// <summary>Row lengths of models that take sounds.</summary>
internal static class SoundLength
{
    private const double UsualSeconds = 1;

    /// <summary>Returns the length of a sound of one second, or of the longest that is accepted: a word or two, and more than the first
    /// layers of known models need.</summary>
    /// <returns>Samples, or frames of the features.</returns>
    public static int Usual(AudioForm form)
    {
        var samples = Math.Max(1, (int)(form.Rate * Math.Min(UsualSeconds, form.Window ?? form.MaxSeconds)));
        return Frames(form, Math.Max(samples, Least(form)));
    }

    /// <summary>Returns the form with the limits of a model: its fixed length, which limits the seconds too where sounds are not cut, and its
    /// bands.</summary>
    /// <param name="form">Form as in the pipeline file.</param>
    /// <param name="input">Shape of the model's input, the batch first.</param>
    public static AudioForm Fit(AudioForm form, ImmutableArray<long> input)
    {
        var length = form.Features == AudioFeatures.Fbank ? input[1] : input[^1];
        int? samples = length > 0 ? Samples(form, (int)length) : null;
        return form with
        {
            Samples = samples,
            MaxSeconds = samples is { } fixedLength && form.Window is null ? Math.Min(form.MaxSeconds, (double)fixedLength / form.Rate) : form.MaxSeconds,
            Bands = form.Features == AudioFeatures.Samples ? 0 : (int)Math.Max(0, form.Features == AudioFeatures.Fbank ? input[2] : input[1]),
        };
    }

    /// <summary>Tests whether a sound is longer than a model takes; one sample more counts as rounding.</summary>
    public static bool IsTooLong(AudioForm form, WavHeader header) => header.Seconds > form.MaxSeconds + (1.0 / form.Rate);

    /// <summary>Returns the samples of a row: silence fills it up to the model's length, or to the least that features need.</summary>
    public static int Of(AudioForm form, int samples) => form.Samples ?? Math.Max(samples, Least(form));

    /// <summary>Returns the most bytes that a sound takes until it is a row: one channel at the file's rate, then at the model's rate and
    /// filled up; then the row, or the features and the row.</summary>
    public static long Bytes(AudioForm form, WavHeader header)
    {
        var samples = WavSamples.Count(header, form.Rate);
        long length = Of(form, samples);
        var row = form.Features == AudioFeatures.Samples ? length : 2L * form.Bands * Frames(form, (int)length);
        return sizeof(float) * (header.Frames + (header.Rate == form.Rate ? 0 : samples) + (length == samples ? 0 : length) + row);
    }

    /// <summary>Samples that a row has at least.</summary>
    private static int Least(AudioForm form) => form.Features switch
    {
        AudioFeatures.LogMel => LogMel.Window,
        AudioFeatures.Fbank => Fbank.Window(form.Rate),
        _ => 1,
    };

    private static int Frames(AudioForm form, int samples) => form.Features switch
    {
        AudioFeatures.LogMel => LogMel.Frames(samples),
        AudioFeatures.Fbank => 1 + ((samples - Fbank.Window(form.Rate)) / Fbank.Hop(form.Rate)),
        _ => samples,
    };

    private static int Samples(AudioForm form, int frames) => form.Features switch
    {
        AudioFeatures.LogMel => frames * LogMel.Hop,
        AudioFeatures.Fbank => Fbank.Window(form.Rate) + ((frames - 1) * Fbank.Hop(form.Rate)),
        _ => frames,
    };
}
