using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Samples.Evaluation;

/// <summary>Variant that runs as in the product: with the same session options, crop and resize.</summary>
internal sealed class StageModel : IDisposable
{
    private readonly OnnxModel _model;
    private readonly ModelRunner _runner;
    private readonly int _height;
    private readonly int _width;

    /// <summary>Loads a variant's file.</summary>
    /// <exception cref="ModelException">The file cannot be loaded.</exception>
    public StageModel(string name, string path, int maxBatch)
    {
        Name = name;
        _model = OnnxModel.Load(name, path, new ModelOptions { MaxBatch = maxBatch });
        _runner = _model.CreateRunner();
        (_height, _width) = ((int)_model.Inputs[0].Shape[2], (int)_model.Inputs[0].Shape[3]);
    }

    /// <summary>Name of the variant.</summary>
    public string Name { get; }

    /// <summary>Detects the objects of a scene, best score first, padding rows included.</summary>
    public Detection[] Detect(RgbImage image)
    {
        ImageResampler.CropResize(image, ImageRegion.Whole, _width, _height, _runner.InputRow(0));
        _runner.Run(1);
        var output = _runner.OutputRow(0);
        var result = new Detection[output.Length / 6];
        for (var i = 0; i < result.Length; i++)
        {
            var row = output.Slice(i * 6, 6);
            var box = new SceneBox(
                (double)row[0] * image.Width, (double)row[1] * image.Height, (double)row[2] * image.Width, (double)row[3] * image.Height);
            result[i] = new Detection((SceneObjectKind)(int)row[5], row[4], box);
        }

        return result;
    }

    /// <summary>Finds the most probable class of each box, for at most as many boxes as the model's largest batch.</summary>
    public int[] Classify(RgbImage image, IReadOnlyList<SceneBox> boxes, float margin)
    {
        if (boxes.Count == 0)
        {
            return [];
        }

        for (var i = 0; i < boxes.Count; i++)
        {
            var b = boxes[i];
            var region = new ImageRegion(
                (float)(b.X1 / image.Width), (float)(b.Y1 / image.Height), (float)(b.X2 / image.Width), (float)(b.Y2 / image.Height));
            ImageResampler.CropResize(image, region.Grow(margin), _width, _height, _runner.InputRow(i));
        }

        _runner.Run(boxes.Count);
        var result = new int[boxes.Count];
        for (var i = 0; i < result.Length; i++)
        {
            var row = _runner.OutputRow(i);
            for (var c = 1; c < row.Length; c++)
            {
                result[i] = row[c] > row[result[i]] ? c : result[i];
            }
        }

        return result;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _runner.Dispose();
        _model.Dispose();
    }
}
