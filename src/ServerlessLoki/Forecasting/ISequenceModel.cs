namespace ServerlessLoki.Forecasting;

/// <summary>A learned model that continues a sequence of rates, such as the LSTMs of InfAdapter and IPA. Run elsewhere: the brain has no runtime.</summary>
public interface ISequenceModel
{
    /// <summary>Steps that it looks at; at least 1.</summary>
    int Steps { get; }

    /// <summary>Samples per step, whose maximum the step is; at least 1 (IPA: 10 s, InfAdapter: 60 s).</summary>
    int SamplesPerStep { get; }

    /// <summary>The largest rate to expect next, queries per second.</summary>
    /// <param name="ratesQps">The last <see cref="Steps"/> rates, the oldest first, unscaled.</param>
    double Predict(ReadOnlySpan<float> ratesQps);
}
