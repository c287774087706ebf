namespace ServerlessLoki.Serving.Protocol;

/// <summary>Element types of the Open Inference Protocol.</summary>
public enum Datatype
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>Unsigned 8 bits.</summary>
    UInt8,

    /// <summary>Unsigned 16 bits.</summary>
    UInt16,

    /// <summary>Unsigned 32 bits.</summary>
    UInt32,

    /// <summary>Unsigned 64 bits.</summary>
    UInt64,

    /// <summary>Signed 8 bits.</summary>
    Int8,

    /// <summary>Signed 16 bits.</summary>
    Int16,

    /// <summary>Signed 32 bits.</summary>
    Int32,

    /// <summary>Signed 64 bits.</summary>
    Int64,

    /// <summary>IEEE half; has no JSON form.</summary>
    Fp16,

    /// <summary>IEEE single.</summary>
    Fp32,

    /// <summary>IEEE double.</summary>
    Fp64,

    /// <summary>Brain float; has no JSON form.</summary>
    Bf16,

    /// <summary>Per element a little-endian 32-bit length and that many bytes.</summary>
    Bytes,
}
