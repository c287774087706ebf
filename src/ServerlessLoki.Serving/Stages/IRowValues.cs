namespace ServerlessLoki.Serving.Stages;

/// <summary>Values of one row of a batch in all outputs of a model, with parts of its input.</summary>
public interface IRowValues : IOutputValues
{
    /// <summary>Mask of a text's positions: 1 for a token, 0 for padding; empty where all positions count.</summary>
    ReadOnlySpan<float> Mask { get; }

    /// <summary>Text that contains the answer; null where the task asks for none.</summary>
    EncodedText? Text { get; }

    /// <summary>Returns the dimensions of the row in one output, without the batch.</summary>
    /// <param name="output">Index of the output.</param>
    ReadOnlySpan<long> ShapeOf(int output);

    /// <summary>Returns the bytes of the row in one output, little-endian, row-major; valid until the next row is read.</summary>
    /// <param name="output">Index of the output.</param>
    ReadOnlySpan<byte> BytesOf(int output);
}
