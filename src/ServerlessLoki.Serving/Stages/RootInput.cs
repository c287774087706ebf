using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>A query's own input → a row of the root model's input.</summary>
public static class RootInput
{
    /// <summary>Says why such inputs cannot feed this model; null if they can.</summary>
    /// <param name="isImage">True when queries bring images.</param>
    /// <param name="input">The model's input tensor.</param>
    public static string? Check(bool isImage, ModelTensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return isImage && !input.IsImage ? $"input {input}: for images it must be FP32 [N, 3, H, W]." : null;
    }

    /// <summary>Fills one row: an image is resized to the model's height and width, values 0..1; a tensor is copied.</summary>
    /// <exception cref="ModelException">The tensor has another number of bytes than the row.</exception>
    public static void Fill(QueryInput source, ModelRunner runner, int row)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(runner);
        var input = runner.Model.Inputs[0];
        switch (source)
        {
            case ImageInput image when input.IsImage:
                using (var pixels = image.Open())
                    ImageResampler.CropResize(pixels.Image, ImageRegion.Whole, (int)input.Shape[3], (int)input.Shape[2], runner.InputRow(row));
                break;
            case TensorInput tensor when tensor.Bytes.Length == input.RowBytes:
                tensor.Bytes.Span.CopyTo(runner.InputRowBytes(row));
                break;
            default:
                throw new ModelException($"Model '{runner.Model.Name}': the query's input does not fit input {input}.");
        }
    }
}
