namespace ServerlessLoki.Serving.Stages;

/// <summary>Result of a tensor decoder's check of a model.</summary>
public sealed class TensorBinding
{
    private TensorBinding(ITensorReader? reader, string? fault) => (Reader, Fault) = (reader, fault);

    /// <summary>Reason why the decoder cannot read this model; null if it can.</summary>
    public string? Fault { get; }

    internal ITensorReader? Reader { get; }

    /// <summary>Makes the result for a model that the decoder can read.</summary>
    /// <param name="reader">Reader of the rows.</param>
    public static TensorBinding By(ITensorReader reader) => new(reader, null);

    /// <summary>Makes the result for a model that the decoder cannot read.</summary>
    /// <param name="fault">Fault: found, allowed, and the cure.</param>
    public static TensorBinding Refused(string fault) => new(null, fault);
}
