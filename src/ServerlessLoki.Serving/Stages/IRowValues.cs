namespace ServerlessLoki.Serving.Stages;

/// <summary>Values of one row of a batch in all outputs of a model, with parts of its input.</summary>
public interface IRowValues : IOutputValues
{
    /// <summary>Mask of a text's positions: 1 for a token, 0 for padding; empty where all positions count.</summary>
    ReadOnlySpan<float> Mask { get; }

    /// <summary>Returns the position of a point of the picture in the model's input, both in fractions; outside 0..1 where the input does
    /// not show it. Returns the same point where the row shows no picture.</summary>
    (float X, float Y) OnInput(float x, float y) => (x, y);

    /// <summary>Text that contains the answer; null where the task asks for none.</summary>
    EncodedText? Text { get; }

    /// <summary>Returns the dimensions of the row in one output, without the batch.</summary>
    /// <param name="output">Index of the output.</param>
    ReadOnlySpan<long> ShapeOf(int output);

    /// <summary>Returns the bytes of the row in one output, little-endian, row-major; valid until the next row is read.</summary>
    /// <param name="output">Index of the output.</param>
    ReadOnlySpan<byte> BytesOf(int output);
}
