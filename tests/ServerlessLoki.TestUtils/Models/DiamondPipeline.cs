namespace ServerlessLoki.TestModels;

/// <summary>A diamond of small models: x, doubled and tripled, laid side by side by a join.</summary>
internal static class DiamondPipeline
{
    /// <summary>A query of three numbers.</summary>
    public const string Body = """{"inputs":[{"name":"x","shape":[3,1,1],"datatype":"FP32","data":[1,2,3]}]}""";

    /// <summary>Writes pipeline and models.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="size">What the join says that each branch hands on; 3 is right.</param>
    /// <param name="sloMs">SLO, ms.</param>
    /// <param name="name">Name of the file.</param>
    /// <returns>The pipeline file.</returns>
    public static string Write(string directory, int size = 3, int sloMs = 1000, string name = "diamond.json")
    {
        File.WriteAllBytes(Path.Combine(directory, "same.onnx"), TinyOnnx.Scale(1, 1, 1));
        File.WriteAllBytes(Path.Combine(directory, "double.onnx"), TinyOnnx.Scale(2, 1, 1));
        File.WriteAllBytes(Path.Combine(directory, "triple.onnx"), TinyOnnx.Scale(3, 1, 1));
        File.WriteAllBytes(Path.Combine(directory, "fuse.onnx"), TinyOnnx.Scale(1, 2, 1));
        var file = Path.Combine(directory, name);
        File.WriteAllText(
            file,
            $$"""
            { "name": "diamond", "sloMs": {{sloMs}}, "input": { "name": "x", "datatype": "FP32", "shape": [3, 1, 1] },
              "tasks": [
                { "name": "root", "variants": [ { "name": "same", "model": "same.onnx", "accuracy": 1 } ] },
                { "name": "left", "variants": [ { "name": "double", "model": "double.onnx", "accuracy": 0.4 } ] },
                { "name": "right", "variants": [ { "name": "triple", "model": "triple.onnx", "accuracy": 0.6 } ] },
                { "name": "fuse", "join": "all", "variants": [ { "name": "fused", "model": "fuse.onnx", "accuracy": 1 } ] } ],
              "edges": [
                { "from": "root", "to": "left" }, { "from": "root", "to": "right" },
                { "from": "left", "to": "fuse", "transforms": [ { "name": "concat", "size": {{size}} } ] },
                { "from": "right", "to": "fuse", "transforms": [ { "name": "concat", "size": {{size}} } ] } ] }
            """);
        return file;
    }
}
