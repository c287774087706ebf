namespace ServerlessLoki.Serving.Stages;

/// <summary>One row of a batch in all outputs of a model.</summary>
public interface IOutputValues
{
    /// <summary>The row's values in one output, row-major, whatever its datatype is; valid until the next row is read.</summary>
    /// <param name="output">Position among the model's outputs.</param>
    ReadOnlySpan<float> Of(int output);
}
