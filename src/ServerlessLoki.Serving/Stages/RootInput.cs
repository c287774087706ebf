using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Conversion of a query's own input to a row of the root model's input.</summary>
internal static class RootInput
{
    /// <summary>Fills one row: an image is converted as the variant takes images; a tensor is copied.</summary>
    /// <param name="source">Input of the query.</param>
    /// <param name="form">Conversion of images for the variant.</param>
    /// <param name="runner">Runner of the root.</param>
    /// <param name="row">Row of the forming batch.</param>
    /// <exception cref="ModelException">The tensor has another number of bytes than the row.</exception>
    public static void Fill(QueryInput source, ImageForm form, ModelRunner runner, int row)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(runner);
        var input = runner.Model.Inputs[0];
        switch (source)
        {
            case ImageInput image when ImageShape.Of(input) is not null:
                using (var pixels = image.Open())
                    Fill(pixels.Image, ImageRegion.Whole, input, form, runner.InputRowBytes(row));
                break;
            case TensorInput { IsPacked: true } tensors:
                FillAll(TensorPack.Read(tensors.Bytes), runner, row);
                break;
            case TensorInput tensor when runner.Model.Inputs.Length == 1 && tensor.Bytes.Length == input.RowBytes:
                tensor.Bytes.Span.CopyTo(runner.InputRowBytes(row));
                break;
            default:
                throw new ModelException($"Model '{runner.Model.Name}': the query's input does not fit input {input}.");
        }
    }

    /// <summary>Returns why an image cannot become this input; null if it can.</summary>
    internal static string? PictureFault(ModelTensor input, ImageForm form) => ImageShape.Of(input) is { } shape
        ? ImageTensor.Check(shape, form)
        : $"input {input}: pictures become {ImageShape.Allowed}";

    /// <summary>Fills a row with a part of an image.</summary>
    internal static void Fill(RgbImage image, ImageRegion region, ModelTensor input, ImageForm form, Span<byte> target)
    {
        var shape = ImageShape.Of(input) ?? throw new ModelException($"{PictureFault(input, form)}.");
        ImageTensor.Fill(image, ImagePlacement.Of(image.Width, image.Height, region, shape, form), shape, form, target);
    }

    /// <summary>Sets a row of a model whose rows come with their shapes.</summary>
    /// <param name="source">Tensors of the query.</param>
    /// <param name="pipeline">Pipeline with the shape of a tensor that is not packed.</param>
    /// <param name="runner">Runner of the root.</param>
    /// <param name="row">Row of the forming batch.</param>
    /// <exception cref="ModelException">A tensor is missing or does not fit.</exception>
    internal static void Set(TensorInput source, Pipeline pipeline, LooseRunner runner, int row)
    {
        var model = runner.Model;
        ImmutableArray<TensorPart> parts = source.IsPacked
            ? TensorPack.Read(source.Bytes)
            : [new TensorPart(model.Inputs[0].Name, pipeline.Input.Datatype, pipeline.Input.Shape, source.Bytes)];
        foreach (var input in model.Inputs)
        {
            var part = Find(parts, model, input);
            runner.Set(row, input.Index, new LooseRow(Trimmed(part.Shape, input.RowShape(model.HasBatch).Length), part.Bytes));
        }
    }

    private static void FillAll(ImmutableArray<TensorPart> parts, ModelRunner runner, int row)
    {
        foreach (var input in runner.Model.Inputs)
        {
            var part = Find(parts, runner.Model, input);
            if (part.Bytes.Length != input.RowBytes)
                throw new ModelException($"Model '{runner.Model.Name}': the query's tensor '{part.Name}' of {part.Bytes.Length} bytes does not fit input {input}.");
            part.Bytes.Span.CopyTo(runner.InputRowBytes(row, input.Index));
        }
    }

    /// <summary>Finds the tensor of an input. A query's only tensor has the pipeline's name, whatever the model calls it.</summary>
    private static TensorPart Find(ImmutableArray<TensorPart> parts, OnnxModel model, ModelTensor input) => parts.Length == 1 && model.Inputs.Length == 1
        ? parts[0]
        : parts.FirstOrDefault(p => p.Name == input.Name)
            ?? throw new ModelException($"Model '{model.Name}': the query has no tensor '{input.Name}'.");

    /// <summary>Removes leading dimensions of 1, which batching clients add.</summary>
    private static long[] Trimmed(ImmutableArray<long> shape, int rank)
    {
        while (shape.Length > rank && shape[0] == 1)
            shape = shape.RemoveAt(0);
        return [.. shape];
    }
}
