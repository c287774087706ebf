using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Audio;

/// <summary>How long the rows of a model of sounds are.</summary>
internal static class SoundLength
{
    private const double UsualSeconds = 1;

    /// <summary>Of a sound of a second, or of the longest that is taken: a word or two, and more than the first layers of known models need.</summary>
    /// <returns>Samples, or frames of the spectrogram.</returns>
    public static int Usual(AudioForm form)
    {
        var samples = Math.Max(1, (int)(form.Rate * Math.Min(UsualSeconds, form.MaxSeconds)));
        return form.Features == AudioFeatures.LogMel ? LogMel.Frames(Math.Max(samples, LogMel.Window)) : samples;
    }
}
