namespace ServerlessLoki.Forecasting;

/// <summary>Learned model that continues a sequence of rates, such as the LSTMs of InfAdapter and IPA. Implemented outside this assembly,
/// which has no model runtime.</summary>
public interface ISequenceModel
{
    /// <summary>Input length of the model, in steps; at least 1.</summary>
    int Steps { get; }

    /// <summary>Samples per step; a step is the maximum of its samples. At least 1 (IPA: 10 s, InfAdapter: 60 s).</summary>
    int SamplesPerStep { get; }

    /// <summary>Predicts the largest rate to expect next, queries per second.</summary>
    /// <param name="ratesQps">The last <see cref="Steps"/> rates, the oldest first, unscaled.</param>
    double Predict(ReadOnlySpan<float> ratesQps);
}
