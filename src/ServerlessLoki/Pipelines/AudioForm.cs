namespace ServerlessLoki.Pipelines;

/// <summary>Conversion of a sound into a model's input: one channel at a given rate, as samples of −1..1 or as a log-mel
/// spectrogram.</summary>
public sealed record AudioForm
{
    /// <summary>Least and largest <see cref="Rate"/>, samples per second.</summary>
    public const int LeastRate = 1000, MostRate = 192_000;

    /// <summary>Largest value of <see cref="MaxSeconds"/>, seconds.</summary>
    public const double MostSeconds = 600;

    /// <summary>Samples per second that the model takes. Default 16,000.</summary>
    public int Rate { get; init; } = 16_000;

    /// <summary>Kind of input that the model takes. Default <see cref="AudioFeatures.Samples"/>.</summary>
    public AudioFeatures Features { get; init; }

    /// <summary>Factor on samples, above 0. Default 1. Models trained on the integer values of 16-bit files need 32,768.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Longest sound that is accepted, seconds; above 0. A model of fixed input length limits it as well, where the sound is not cut
    /// into windows. Default 30.</summary>
    public double MaxSeconds { get; init; } = 30;

    /// <summary>Length of the windows that a sound is cut into, seconds: each is a row of the request. The last one ends with the sound. Null =
    /// the sound is one row.</summary>
    public double? Window { get; init; }

    /// <summary>Time from one window's start to the next, seconds; at most <see cref="Window"/>. Null = the windows do not overlap.</summary>
    public double? Hop { get; init; }

    /// <summary>Exact number of samples that the model takes; null where the model was not read or takes any number.</summary>
    public int? Samples { get; init; }

    /// <summary>Mel bands of the spectrogram, as the model takes them; 0 where the model was not read.</summary>
    public int Bands { get; init; }
}
