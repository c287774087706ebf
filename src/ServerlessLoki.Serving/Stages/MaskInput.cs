using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Input of a model that holds the mask of a text's positions.</summary>
/// <param name="input">Tensor of the mask.</param>
/// <param name="read">Reads the bytes of a row of the input.</param>
internal sealed class MaskInput(ModelTensor input, OutputRowReader read)
{
    private readonly OutputValues _values = new([input], (row, _) => read(row, input.Index), static (_, _) => []);

    /// <summary>Makes the mask of a model that has one; null for others.</summary>
    public static MaskInput? Of(OnnxModel model, OutputRowReader read) => Of(Find(model), read);

    public static MaskInput? Of(ModelTensor? input, OutputRowReader read) => input is null ? null : new MaskInput(input, read);

    /// <summary>Finds the mask by its name, in a model that has other inputs too.</summary>
    public static ModelTensor? Find(OnnxModel model) => model.Inputs.Length < 2 ? null
        : model.Inputs.FirstOrDefault(static i => i.Datatype is "INT64" or "INT32" or "FP32" && i.Shape.Length == 2 && i.Name.Contains("mask", StringComparison.OrdinalIgnoreCase));

    /// <summary>Returns a row's values.</summary>
    public ReadOnlySpan<float> Of(int row)
    {
        _values.Row = row;
        return _values.Of(0);
    }
}
