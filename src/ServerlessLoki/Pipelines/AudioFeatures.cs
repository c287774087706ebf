namespace ServerlessLoki.Pipelines;

/// <summary>Kind of input that an audio model takes.</summary>
public enum AudioFeatures
{
    /// <summary>Raw audio samples.</summary>
    Samples,

    /// <summary>Whisper's log-mel spectrogram: windows of 400 samples (Hann), a step of 160, mel bands of the Slaney scale up to half the rate,
    /// log10, nothing more than 8 below the largest, (x + 4) ÷ 4. The model says how many bands.</summary>
    LogMel,

    /// <summary>Kaldi's filter banks: frames of 25 ms every 10 ms, only whole ones, without dither; the mean removed, pre-emphasis 0.97, Povey's
    /// window, natural logarithm of the power in mel bands from 20 Hz to half the rate. The model says how many bands.</summary>
    Fbank,
}
