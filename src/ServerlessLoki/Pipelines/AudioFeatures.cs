namespace ServerlessLoki.Pipelines;

/// <summary>Kind of input that an audio model takes.</summary>
public enum AudioFeatures
{
    /// <summary>Raw audio samples.</summary>
    Samples,

    /// <summary>Whisper's log-mel spectrogram: windows of 400 samples (Hann), a step of 160, mel bands of the Slaney scale up to half the rate,
    /// log10, nothing more than 8 below the largest, (x + 4) ÷ 4. The model says how many bands.</summary>
    LogMel,
}
