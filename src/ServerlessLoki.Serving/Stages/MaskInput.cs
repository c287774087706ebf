using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>The input that says which positions of a text count.</summary>
/// <param name="input">The model's.</param>
/// <param name="read">Bytes of a row of it.</param>
internal sealed class MaskInput(ModelTensor input, OutputRowReader read)
{
    private readonly OutputValues _values = new([input], (row, _) => read(row, input.Index), static (_, _) => []);

    /// <summary>For a model that has one; null for others.</summary>
    public static MaskInput? Of(OnnxModel model, OutputRowReader read) => Of(Find(model), read);

    public static MaskInput? Of(ModelTensor? input, OutputRowReader read) => input is null ? null : new MaskInput(input, read);

    /// <summary>Told by its name, where ids stand beside it.</summary>
    public static ModelTensor? Find(OnnxModel model) => model.Inputs.Length < 2 ? null
        : model.Inputs.FirstOrDefault(static i => i.Datatype is "INT64" or "INT32" or "FP32" && i.Shape.Length == 2 && i.Name.Contains("mask", StringComparison.OrdinalIgnoreCase));

    /// <summary>A row's values.</summary>
    public ReadOnlySpan<float> Of(int row)
    {
        _values.Row = row;
        return _values.Of(0);
    }
}
