namespace ServerlessLoki.Serving.Stages;

/// <summary>One row of a batch in all outputs of a model, with what it was made of.</summary>
public interface IRowValues : IOutputValues
{
    /// <summary>Which positions of a text count: 1 for a token, 0 for padding; empty where all do.</summary>
    ReadOnlySpan<float> Mask { get; }

    /// <summary>Where a point of the picture lies in the model's input, both in fractions; outside 0..1 where the input does not show it. The
    /// same where the row shows no picture.</summary>
    (float X, float Y) OnInput(float x, float y) => (x, y);

    /// <summary>The text that an answer is a part of; null where the task asks for none.</summary>
    EncodedText? Text { get; }

    /// <summary>Dimensions of the row in one output, without the batch.</summary>
    /// <param name="output">Position among the model's outputs.</param>
    ReadOnlySpan<long> ShapeOf(int output);

    /// <summary>The row in one output as it is, little-endian, row-major; valid until the next row is read.</summary>
    /// <param name="output">Position among the model's outputs.</param>
    ReadOnlySpan<byte> BytesOf(int output);
}
