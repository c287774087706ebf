namespace ServerlessLoki.Serving.Stages;

/// <summary>What a decoder of tensors said about a model.</summary>
public sealed class TensorBinding
{
    private TensorBinding(ITensorReader? reader, string? fault) => (Reader, Fault) = (reader, fault);

    /// <summary>Why it cannot read this model; null if it can.</summary>
    public string? Fault { get; }

    internal ITensorReader? Reader { get; }

    /// <summary>It can.</summary>
    /// <param name="reader">Reads the rows.</param>
    public static TensorBinding By(ITensorReader reader) => new(reader, null);

    /// <summary>It cannot.</summary>
    /// <param name="fault">What was found, what is allowed, and the cure.</param>
    public static TensorBinding Refused(string fault) => new(null, fault);
}
