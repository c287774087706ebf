using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Audio;

/// <summary>Row lengths of models that take sounds.</summary>
internal static class SoundLength
{
    private const double UsualSeconds = 1;

    /// <summary>Returns the length of a sound of one second, or of the longest that is accepted: a word or two, and more than the first
    /// layers of known models need.</summary>
    /// <returns>Samples, or frames of the spectrogram.</returns>
    public static int Usual(AudioForm form)
    {
        var samples = Math.Max(1, (int)(form.Rate * Math.Min(UsualSeconds, form.MaxSeconds)));
        return form.Features == AudioFeatures.LogMel ? LogMel.Frames(Math.Max(samples, LogMel.Window)) : samples;
    }

    /// <summary>Returns the form with the limits of a model: its fixed length, which limits the seconds too, and its bands.</summary>
    /// <param name="form">Form as in the pipeline file.</param>
    /// <param name="input">Shape of the model's input, the batch first.</param>
    public static AudioForm Fit(AudioForm form, ImmutableArray<long> input)
    {
        var isMel = form.Features == AudioFeatures.LogMel;
        int? samples = input[^1] > 0 ? (int)input[^1] * (isMel ? LogMel.Hop : 1) : null;
        return form with
        {
            Samples = samples, MaxSeconds = samples is { } fixedLength ? Math.Min(form.MaxSeconds, (double)fixedLength / form.Rate) : form.MaxSeconds,
            Bands = isMel ? (int)Math.Max(0, input[1]) : 0,
        };
    }

    /// <summary>Tests whether a sound is longer than a model takes; one sample more counts as rounding.</summary>
    public static bool IsTooLong(AudioForm form, WavHeader header) => header.Seconds > form.MaxSeconds + (1.0 / form.Rate);

    /// <summary>Returns the samples of a row: silence fills it up to the model's length, or to the least that a spectrogram
    /// needs.</summary>
    public static int Of(AudioForm form, int samples) => form.Samples ?? (form.Features == AudioFeatures.LogMel ? Math.Max(samples, LogMel.Window) : samples);

    /// <summary>Returns the most bytes that a sound takes until it is a row: one channel at the file's rate, then at the model's rate and
    /// filled up; then the row, or the spectrogram and the row.</summary>
    public static long Bytes(AudioForm form, WavHeader header)
    {
        var samples = WavSamples.Count(header, form.Rate);
        long length = Of(form, samples);
        var row = form.Features == AudioFeatures.LogMel ? 2L * form.Bands * LogMel.Frames((int)length) : length;
        return sizeof(float) * (header.Frames + (header.Rate == form.Rate ? 0 : samples) + (length == samples ? 0 : length) + row);
    }
}
