namespace ServerlessLoki.Serving.Audio;

/// <summary>Features that a model takes in place of samples. Thread-safe.</summary>
internal interface ISoundFeatures
{
    /// <summary>Computes the features, row-major.</summary>
    /// <param name="samples">Samples of the sound; at least one window.</param>
    float[] Of(ReadOnlySpan<float> samples);

    /// <summary>Dimensions of the features of a number of samples.</summary>
    long[] Shape(int samples);
}
