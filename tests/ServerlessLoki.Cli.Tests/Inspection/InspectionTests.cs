using System.Text.Json;
using ServerlessLoki.Cli.Commands;
using ServerlessLoki.Embedded;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Cli.Tests.Inspection;

/// <summary>Models and the files beside them, inspected, and the written file started.</summary>
public abstract class InspectionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private protected TempFolder Folder => _folder;

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static TinyOnnx Picture(params object[] shape) => new TinyOnnx().Input("images", TinyOnnx.Float, shape);

    private protected static TinyOnnx Classifier(int classes, int side, bool softmax)
    {
        var model = Picture("N", 3, side, side).Output("scores", TinyOnnx.Float, "N", classes).Constant("weights", new float[3 * classes], 3, classes)
            .Node("GlobalAveragePool", ["images"], ["pooled"]).Node("Flatten", ["pooled"], ["flat"], ("axis", 1L)).Node("MatMul", ["flat", "weights"], ["logits"]);
        return softmax ? model.Node("Softmax", ["logits"], ["scores"], ("axis", 1L)) : model.Node("Identity", ["logits"], ["scores"]);
    }

    /// <summary>A picture of 64 × 64 in, [N, a, b] out.</summary>
    private protected static TinyOnnx Head(long a, long b) => Picture("N", 3, 64, 64).Output("output0", TinyOnnx.Float, "N", a, b).Constant("weights", new float[3 * a * b], 3, a * b)
        .Constant("shape", [-1L, a, b], 3).Node("GlobalAveragePool", ["images"], ["pooled"]).Node("Flatten", ["pooled"], ["flat"], ("axis", 1L))
        .Node("MatMul", ["flat", "weights"], ["values"]).Node("Reshape", ["values", "shape"], ["output0"]);

    private protected static TinyOnnx Bert() => new TinyOnnx().Input("input_ids", TinyOnnx.Int64, "N", "T").Input("attention_mask", TinyOnnx.Int64, "N", "T");

    /// <summary>[N, T, 2]: a token's id, and its mask.</summary>
    private protected static TinyOnnx Encoder() => Bert().Output("last_hidden_state", TinyOnnx.Float, "N", "T", 2).Constant("two", [2L], 1)
        .Node("Cast", ["input_ids"], ["i"], ("to", 1L)).Node("Cast", ["attention_mask"], ["m"], ("to", 1L))
        .Node("Unsqueeze", ["i", "two"], ["ids"]).Node("Unsqueeze", ["m", "two"], ["mask"]).Node("Concat", ["ids", "mask"], ["last_hidden_state"], ("axis", 2L));

    private protected void Put(string name, string text) => File.WriteAllText(_folder.File(name), text);

    private protected void Write(string name, TinyOnnx model) => File.WriteAllBytes(_folder.File(name), model.ToBytes());

    /// <summary>Inspects and writes; what is written is what the document says.</summary>
    private protected async Task<(JsonElement Document, JsonElement Pipeline)> InspectAsync(string model, params string[] more)
    {
        var (code, document, error) = await Cli.JsonAsync(["inspect", _folder.File(model), "--write", _folder.File("pipeline.json"), .. more]);
        Assert.True(code == 0, error);
        using var written = JsonDocument.Parse(File.ReadAllText(_folder.File("pipeline.json")));
        Assert.Equal(JsonSerializer.Serialize(document.GetProperty("pipeline")), JsonSerializer.Serialize(written.RootElement));
        return (document, written.RootElement.Clone());
    }

    /// <summary>Starts what was written, as <c>loki up</c> does.</summary>
    private protected async Task StartsAsync(string what, Action<ServerlessLoki.Pipelines.Pipeline> check, string file = "pipeline.json")
    {
        var options = new EmbeddedHostOptions { PipelineFiles = [_folder.File(file)], DataDirectory = _folder.File("data"), Port = 0 };
        var host = await ServedHost.StartAsync(options, TestContext.Current.CancellationToken);
        await using (host)
        {
            Assert.True(host.Engine.Pipelines.Count == 1, what);
            check(host.Engine.Pipelines[0].Pipeline);
        }
    }

    private protected static JsonElement TaskOf(JsonElement pipeline) => pipeline.GetProperty("tasks")[0];

    private protected static string Limits(JsonElement document) => document.GetProperty("limits").ToString();

    private protected static string Compact(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(", ", element.EnumerateObject().Select(static p => $"\"{p.Name}\": {Compact(p.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(", ", element.EnumerateArray().Select(Compact)) + "]",
        _ => element.GetRawText(),
    };
}
