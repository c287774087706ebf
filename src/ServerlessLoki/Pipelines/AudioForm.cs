namespace ServerlessLoki.Pipelines;

/// <summary>How a sound becomes a model's input: one channel at a rate, as samples of −1..1 or as their log-mel spectrogram.</summary>
public sealed record AudioForm
{
    /// <summary>Least and largest <see cref="Rate"/>.</summary>
    public const int LeastRate = 1000, MostRate = 192_000;

    /// <summary>Longest <see cref="MaxSeconds"/>.</summary>
    public const double MostSeconds = 600;

    /// <summary>Samples per second that the model takes. Default 16,000.</summary>
    public int Rate { get; init; } = 16_000;

    /// <summary>What the model takes.</summary>
    public AudioFeatures Features { get; init; }

    /// <summary>Factor on samples, for models that take those of 16-bit files as they are 32,768; above 0. Default 1.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Longer sounds are refused; above 0. A model of fixed length bounds it too. Default 30.</summary>
    public double MaxSeconds { get; init; } = 30;

    /// <summary>Samples that the model takes, where it was looked at and takes neither less nor more; else null.</summary>
    public int? Samples { get; init; }

    /// <summary>Bands of the spectrogram, where the model was looked at; else 0.</summary>
    public int Bands { get; init; }
}
