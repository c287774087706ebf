using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ServerlessLoki.Samples;
using ServerlessLoki.Samples.Evaluation;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Cli.Tests.Evaluation;

/// <summary><c>loki evaluate</c>: accuracies of variants and paths on labelled data, faults of the data, and what is written.</summary>
public sealed class EvaluateCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ClassFolders_EachVariant_IsCountedAndWrittenIntoTheFile()
    {
        // "bright" answers by the mean of the picture, "always" is constant: what is right follows by hand.
        Write("bright.onnx", Brightness([0, 1], [1, 0]));
        Write("always.onnx", Brightness([0, 1], [0, 0]));
        const string Pipeline = """
            {
              // The shop's own words.
              "name": "shop", "sloMs": 300, "input": { "name": "image", "datatype": "UINT8", "shape": [-1, -1, 3] },
              "tasks": [ { "name": "look", "output": { "kind": "classification", "labels": ["light", "dark"], "scores": "logits" },
                "variants": [
                  { "name": "bright", "model": "bright.onnx", "accuracy": 0.5, "measured": "guessed" }, // stays
                  { "name": "always", "model": "always.onnx", "accuracy": 0.25 } ] } ]
            }

            """;
        Text("pipeline.json", Pipeline);
        Grey("data/light/a.png", 255);
        Grey("data/light/b.png", 250);
        Grey("data/light/c.png", 100);
        Grey("data/dark/d.png", 3);

        var (code, document, error) = await Cli.JsonAsync("evaluate", "--pipeline", _folder.File("pipeline.json"), "--data", _folder.File("data"), "--write");

        Assert.True(code == 0, error);
        Assert.Equal(4, document.GetProperty("samples").GetInt32());
        Assert.Equal([("bright", 0.75), ("always", 0.25)], Values(document));
        var written = File.ReadAllText(_folder.File("pipeline.json"));
        var expected = Pipeline.Replace("0.5, \"measured\": \"guessed\"", "0.75, \"measured\": MEASURED", StringComparison.Ordinal).Replace("0.25 }", "0.25, \"measured\": MEASURED }", StringComparison.Ordinal);
        Assert.Equal(expected, Regex.Replace(written, "\"top-1 on data, N 4, 95 % [0-9.]+–[0-9.]+, [0-9]{4}-[0-9]{2}-[0-9]{2}, loki evaluate\"", "MEASURED", RegexOptions.None, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Faults_OfTheWholeFolder_AreToldAtOnce()
    {
        Write("m.onnx", Brightness([0, 1], [1, 0]));
        Text("pipeline.json", Picture("m"));
        Grey("data/light/good.png", 9);
        Text("data/light/notes.txt", "no picture");
        Text("data/dark/cut.png", "\u0089PNG");
        Directory.CreateDirectory(_folder.File("data/empty"));

        var (code, _, error) = await Cli.RunAsync("evaluate", "--pipeline", _folder.File("pipeline.json"), "--data", _folder.File("data"));

        Assert.Equal(2, code);
        Assert.Contains("light/notes.txt", error, StringComparison.Ordinal);
        Assert.Contains("dark/cut.png", error, StringComparison.Ordinal);
        Assert.Contains("--data: dark: the folder of this class holds no file", error, StringComparison.Ordinal);
        Assert.Contains("--data: empty: the folder of this class holds no file", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_ThatNoTaskHas_AreListedWithThoseThatItHas()
    {
        Write("m.onnx", Brightness([0, 1], [1, 0]));
        Text("pipeline.json", Picture("m"));
        Grey("data/light/a.png", 9);
        Grey("data/gloomy/b.png", 9);
        Grey("data/pale/c.png", 9);

        var (code, _, error) = await Cli.RunAsync("evaluate", "--pipeline", _folder.File("pipeline.json"), "--data", _folder.File("data"), "--write");

        Assert.Equal(2, code);
        Assert.Contains("'gloomy', 'pale' are no classes of task 'look', allowed: 'light', 'dark'", error, StringComparison.Ordinal);
        Assert.Contains("\"accuracy\": 0.5 }", File.ReadAllText(_folder.File("pipeline.json")), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.part"));
    }

    [Fact]
    public async Task Texts_TwoTasksByColumn_PathsBesideTheProductOfParts()
    {
        TextPipeline();
        // Of four rows "color-good" has three colours right, "mood-good" three moods; both right: two.
        Text("data.csv", "id,text,colour,mood\n1,\"red, good\",red,up\n2,blue good,blue,up\n3,red bad,blue,down\n4,blue bad,blue,up\n");

        var (code, document, error) = await Cli.JsonAsync("evaluate", "--pipeline", _folder.File("pipeline.json"), "--data", _folder.File("data.csv"));

        Assert.True(code == 0, error);
        Assert.Equal([("colour-good", 0.75), ("colour-poor", 0.25), ("mood-good", 0.75)], Values(document));
        Assert.Equal(["id"], document.GetProperty("ignored").EnumerateArray().Select(static e => e.GetString()!));
        var paths = document.GetProperty("paths").EnumerateArray().ToArray();
        Assert.Equal(2, paths.Length);
        Assert.Equal(["colour-good", "mood-good"], paths[0].GetProperty("variants").EnumerateArray().Select(static v => v.GetString()!));
        Assert.Equal(0.5, paths[0].GetProperty("score").GetProperty("value").GetDouble(), 9);
        Assert.Equal(0.5625, paths[0].GetProperty("product").GetDouble(), 9);
        Assert.Equal("colour-good", document.GetProperty("variants")[2].GetProperty("behind").GetString());
    }

    [Fact]
    public async Task JsonLines_FaultsOfLines_NameTheLine()
    {
        TextPipeline();
        Text("data.jsonl", "{\"text\": \"red\", \"colour\": \"red\"}\n\n{\"text\": \"red\"}\n{nothing}\n{\"colour\": \"red\"}\n");

        var (code, _, error) = await Cli.RunAsync("evaluate", "--pipeline", _folder.File("pipeline.json"), "--data", _folder.File("data.jsonl"));

        Assert.Equal(2, code);
        Assert.Contains("data.jsonl:3: it has no right answer; allowed: label, answer, or the name of a task (colour, mood)", error, StringComparison.Ordinal);
        Assert.Contains("data.jsonl:4: it is no JSON object", error, StringComparison.Ordinal);
        Assert.Contains("data.jsonl:5: 'text' is missing", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_AreComparedAsTextsAre()
    {
        Write("qa.onnx", TextModels.Answers());
        Text("vocab.txt", TextModels.Vocabulary(TextModels.Words));
        Text("pipeline.json", """
            { "name": "qa", "sloMs": 1000, "input": { "name": "text", "datatype": "BYTES", "shape": [2] },
              "tasks": [ { "name": "read", "input": { "kind": "text", "tokenizer": "vocab.txt" }, "output": { "kind": "answer" }, "variants": [ { "name": "qa-1", "model": "qa.onnx", "accuracy": 1 } ] } ] }
            """);
        Text("data.jsonl", "{\"question\": \"red\", \"context\": \"blue Red car\", \"answer\": [\"nothing\", \"the red.\"]}\n{\"question\": \"car\", \"context\": \"blue car\", \"answer\": \"blue\"}\n");

        var (code, document, error) = await Cli.JsonAsync("evaluate", "--pipeline", _folder.File("pipeline.json"), "--data", _folder.File("data.jsonl"));

        Assert.True(code == 0, error);
        Assert.Equal("exact match", document.GetProperty("variants")[0].GetProperty("metric").GetString());
        Assert.Equal([("qa-1", 0.5)], Values(document));
    }

    [Fact]
    public async Task Coco_OfTheTrafficSample_AgreesWithItsOwnEvaluation()
    {
        const int Scenes = 6;
        var report = TrafficEvaluator.Evaluate(TrafficSample.PipelinePath, Scenes, TrafficSample.HeldOutSeed, null, TestContext.Current.CancellationToken);
        WriteCoco(Scenes);

        var (code, document, error) = await Cli.JsonAsync("evaluate", "--pipeline", TrafficSample.PipelinePath, "--data", _folder.File("coco"));

        Assert.True(code == 0, error);
        var values = Values(document).ToDictionary(static v => v.Variant, static v => v.Value, StringComparer.Ordinal);
        Assert.All(report.Classifiers, c => Assert.Equal(c.Top1, values[c.Name], 3));
        // Rows below minScore are not answered, and COCO's 101 points of recall are not all points: near, never much above.
        Assert.All(report.Detectors, d => Assert.InRange(values[d.Name], d.MeanAp50 - 0.12, d.MeanAp50 + 0.03));
        Assert.Equal(report.Paths.Count, document.GetProperty("paths").GetArrayLength());
        Assert.All(document.GetProperty("paths").EnumerateArray(), static p => Assert.InRange(p.GetProperty("score").GetProperty("value").GetDouble(), 0.01, 1));
        Assert.Contains("minScore", document.GetProperty("notes").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Coco_CategoriesWithoutLabel_AreFaults()
    {
        Directory.CreateDirectory(_folder.File("coco"));
        Grey("coco/a.png", 9);
        Text("coco/instances.json", """
            { "images": [ { "id": 1, "file_name": "a.png" }, { "id": 2, "file_name": "gone.png" } ],
              "categories": [ { "id": 1, "name": "tram", "supercategory": "rail" } ],
              "annotations": [ { "id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 0, 4] }, { "id": 2, "image_id": 1, "category_id": 9, "bbox": [1, 1, 4, 4] } ] }
            """);

        var (code, _, error) = await Cli.RunAsync("evaluate", "--pipeline", TrafficSample.PipelinePath, "--data", _folder.File("coco"));

        Assert.Equal(2, code);
        Assert.Contains("gone.png", error, StringComparison.Ordinal);
        Assert.Contains("annotation 1: bbox must be", error, StringComparison.Ordinal);
        Assert.Contains("annotation 2: its category_id is that of no category", error, StringComparison.Ordinal);
    }

    private static (string Variant, double Value)[] Values(JsonElement document) =>
        [.. document.GetProperty("variants").EnumerateArray().Select(static v => (v.GetProperty("variant").GetString()!, Math.Round(v.GetProperty("score").GetProperty("value").GetDouble(), 4)))];

    private void WriteCoco(int scenes)
    {
        Directory.CreateDirectory(_folder.File("coco/images"));
        var ids = new Dictionary<string, (int Id, string Group)>(StringComparer.Ordinal);
        var (images, annotations) = (new List<object>(), new List<object>());
        for (var i = 0; i < scenes; i++)
        {
            var scene = SceneGenerator.Generate(TrafficSample.HeldOutSeed + (ulong)i);
            File.WriteAllBytes(_folder.File($"coco/images/{i}.png"), PictureCodec.EncodePng(scene.Image));
            images.Add(new { id = i, file_name = $"{i}.png" });
            foreach (var found in scene.Objects)
            {
                var name = found.Label;
                ids.TryAdd(name, (ids.Count + 1, found.Kind == SceneObjectKind.Car ? "car" : "person"));
                annotations.Add(new { id = annotations.Count + 1, image_id = i, category_id = ids[name].Id, bbox = new[] { found.Box.X1, found.Box.Y1, found.Box.Width, found.Box.Height }, iscrowd = 0 });
            }
        }

        Text("coco/instances.json", JsonSerializer.Serialize(new { images, annotations, categories = ids.Select(static c => new { id = c.Value.Id, name = c.Key, supercategory = c.Value.Group }) }));
    }

    private void TextPipeline()
    {
        Text("vocab.txt", TextModels.Vocabulary(TextModels.Words));
        Write("colour-good.onnx", TextModels.Judge(2, ("red", [2, 0]), ("blue", [0, 2])));
        Write("colour-poor.onnx", TextModels.Judge(2, ("red", [0, 2]), ("blue", [2, 0])));
        Write("mood-good.onnx", TextModels.Judge(2, ("good", [2, 0]), ("bad", [0, 2])));
        Text("pipeline.json", """
            { "name": "words", "sloMs": 1000, "input": { "name": "text", "datatype": "BYTES", "shape": [1] },
              "tasks": [
                { "name": "colour", "input": { "kind": "text", "tokenizer": "vocab.txt" }, "output": { "kind": "classification", "labels": ["red", "blue"], "scores": "logits" },
                  "variants": [ { "name": "colour-good", "model": "colour-good.onnx", "accuracy": 0.9 }, { "name": "colour-poor", "model": "colour-poor.onnx", "accuracy": 0.8 } ] },
                { "name": "mood", "input": { "kind": "text", "tokenizer": "vocab.txt" }, "output": { "kind": "classification", "labels": ["up", "down"], "scores": "logits" },
                  "variants": [ { "name": "mood-good", "model": "mood-good.onnx", "accuracy": 0.9 } ] } ],
              "edges": [ { "from": "colour", "to": "mood", "transforms": [ { "name": "query" } ] } ] }
            """);
    }

    private static string Picture(string model) => string.Create(CultureInfo.InvariantCulture, $$"""
        { "name": "shop", "sloMs": 300, "input": { "name": "image", "datatype": "UINT8", "shape": [-1, -1, 3] },
          "tasks": [ { "name": "look", "output": { "kind": "classification", "labels": ["light", "dark"], "scores": "logits" }, "variants": [ { "name": "v", "model": "{{model}}.onnx", "accuracy": 0.5 } ] } ] }
        """);

    /// <summary>Logits of two classes: a constant of each, and the picture's mean times a gain.</summary>
    private static byte[] Brightness(float[] @fixed, float[] gain) => new TinyOnnx().Input("x", TinyOnnx.Float, "N", 3, 8, 8)
        .Node("ReduceMean", ["x"], ["bright"], ("axes", new long[] { 1, 2, 3 }), ("keepdims", 1L)).Head("y", TinyOnnx.Float, @fixed, [.. gain.Select(static g => 1.5f * g)], 2).ToBytes();

    private void Grey(string name, byte value)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        using var image = RgbImage.Rent(8, 8);
        image.Pixels.Fill(value);
        File.WriteAllBytes(_folder.File(name), PictureCodec.EncodePng(image));
    }

    private void Write(string name, byte[] bytes) => File.WriteAllBytes(_folder.File(name), bytes);

    private void Text(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        File.WriteAllText(_folder.File(name), text);
    }
}
