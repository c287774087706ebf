namespace ServerlessLoki.Serving.Stages;

/// <summary>Values of one row of a batch in all outputs of a model.</summary>
public interface IOutputValues
{
    /// <summary>Returns the row's values in one output, row-major, whatever its datatype; valid until the next row is read.</summary>
    /// <param name="output">Index of the output.</param>
    ReadOnlySpan<float> Of(int output);
}
