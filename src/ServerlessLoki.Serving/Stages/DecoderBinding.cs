namespace ServerlessLoki.Serving.Stages;

/// <summary>Result of a decoder's check of a model.</summary>
public sealed class DecoderBinding
{
    private DecoderBinding(IDetectionReader? reader, DetectionDefaults defaults, string? fault) =>
        (Reader, Defaults, Fault) = (reader, defaults, fault);

    /// <summary>Reason why the decoder cannot read this model; null if it can.</summary>
    public string? Fault { get; }

    /// <summary>Number of classes that the model tells apart, where its shape says so; those beyond the task's labels are
    /// ignored.</summary>
    internal int? Classes { get; private init; }

    internal IDetectionReader? Reader { get; }

    internal DetectionDefaults Defaults { get; }

    /// <summary>Makes the result for a model that the decoder can read.</summary>
    /// <param name="reader">Reader of the rows.</param>
    /// <param name="defaults">Settings where the file says nothing.</param>
    public static DecoderBinding By(IDetectionReader reader, DetectionDefaults defaults) => new(reader, defaults, null);

    /// <summary>Makes the result for a model that the decoder can read and whose shape gives the number of classes.</summary>
    internal static DecoderBinding By(IDetectionReader reader, DetectionDefaults defaults, int classes) => new(reader, defaults, null) { Classes = classes };

    /// <summary>Makes the result for a model that the decoder cannot read.</summary>
    /// <param name="fault">Fault: found, allowed, and the cure.</param>
    public static DecoderBinding Refused(string fault) => new(null, DetectionDefaults.Finished, fault);
}
