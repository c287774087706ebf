using ServerlessLoki.TestModels;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>A classifying pipeline with two small models that are written on the spot.</summary>
internal static class TinyPipeline
{
    /// <summary>Writes pipeline and models into a directory.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="layers">Convolutions of the accurate variant: how long a batch takes.</param>
    /// <returns>The pipeline file.</returns>
    public static string Write(string directory, int layers = 3)
    {
        File.WriteAllBytes(Path.Combine(directory, "fast.onnx"), TinyOnnx.Classifier(16, 16, 4, 2));
        File.WriteAllBytes(Path.Combine(directory, "good.onnx"), TinyOnnx.Classifier(16, 16, 32, layers));
        var file = Path.Combine(directory, "tiny.json");
        File.WriteAllText(
            file,
            """
            {
              "name": "tiny", "sloMs": 500,
              "input": { "name": "image", "datatype": "UINT8", "shape": [-1, -1, 3] },
              "tasks": [ { "name": "classify", "output": { "kind": "classification", "labels": ["a", "b", "c"] },
                "variants": [ { "name": "fast", "model": "fast.onnx", "accuracy": 0.6 }, { "name": "good", "model": "good.onnx", "accuracy": 0.9 } ] } ]
            }
            """);
        return file;
    }
}
