namespace ServerlessLoki.Serving.Stages;

/// <summary>What a decoder said about a model.</summary>
public sealed class DecoderBinding
{
    private DecoderBinding(IDetectionReader? reader, DetectionDefaults defaults, string? fault) =>
        (Reader, Defaults, Fault) = (reader, defaults, fault);

    /// <summary>Why it cannot read this model; null if it can.</summary>
    public string? Fault { get; }

    /// <summary>Classes that the model tells apart, where its shape says so; those beyond the task's labels are ignored.</summary>
    internal int? Classes { get; private init; }

    internal IDetectionReader? Reader { get; }

    internal DetectionDefaults Defaults { get; }

    /// <summary>It can.</summary>
    /// <param name="reader">Reads the rows.</param>
    /// <param name="defaults">What holds where the file says nothing.</param>
    public static DecoderBinding By(IDetectionReader reader, DetectionDefaults defaults) => new(reader, defaults, null);

    /// <summary>It can, and the shape says how many classes there are.</summary>
    internal static DecoderBinding By(IDetectionReader reader, DetectionDefaults defaults, int classes) => new(reader, defaults, null) { Classes = classes };

    /// <summary>It cannot.</summary>
    /// <param name="fault">What was found, what is allowed, and the cure.</param>
    public static DecoderBinding Refused(string fault) => new(null, DetectionDefaults.Finished, fault);
}
