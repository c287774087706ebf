using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Stages;

/// <summary>What arrived at a join becomes its input.</summary>
public sealed class JoinAssemblyTests
{
    private const string Concat1 = """{"name": "concat", "size": 3}""";
    private const string Concat2 = """{"name": "concat", "rows": 2, "size": 6}""";
    private const string Identity = """{"name": "identity"}""";

    // Parts: 3 values of a, then 2 rows of 6 of b.
    [Fact]
    public void Fill_Concat_PartsInTheOrderOfTheEdgesZerosForWhatIsMissing()
    {
        JoinInput[] arrived = [new(3, new OutputRow(2, 0.5f, 0.1f, 0.2f, 0.3f, 0.4f), null), new(2, default, RowTensor.Of(7, 8, 9))];

        Assert.Equal([7, 8, 9, 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 2, 0, 0, 0, 0, 0, 0], Filled(Concat1, Concat2, 1, 5, arrived));
    }

    [Fact]
    public void Fill_MoreArrivalsThanRows_TheFirstOnes()
    {
        JoinInput[] arrived = [new(2, default, RowTensor.Of(1, 2, 3)), new(2, default, RowTensor.Of(4, 5, 6))];

        Assert.Equal([1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], Filled(Concat1, Concat2, 1, 5, arrived));
    }

    [Fact]
    public void Fill_Identity_TheQuerysImageOnce()
    {
        using var image = RgbImage.Over(1, 1, [255, 0, 51]);

        Assert.Equal([1, 0, 0.2f], Filled(Identity, Identity, 1, 1, [new JoinInput(2, default, RowTensor.Of(7, 8, 9))], image), (a, b) => Math.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public void Check_PartsThatDoNotMakeUpTheInput_SaysHowMany()
    {
        using var model = OnnxModel.Load("m", TinyOnnx.Scale(1, 1, 4), new ModelOptions());
        var graph = Graph(Concat1, Concat2);

        Assert.Contains("3 + 12 = 15 values", JoinAssembly.Check(graph.Tasks[3], Edges(graph), model.Inputs[0]), StringComparison.Ordinal);
        graph = Graph(Concat1, Identity);
        Assert.Contains("all do the one or the other", JoinAssembly.Check(graph.Tasks[3], Edges(graph), model.Inputs[0]), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ConcatOfAnotherSizeOrElsewhere_SaysWhy()
    {
        using var model = OnnxModel.Load("m", TinyOnnx.Scale(1, 1, 4), new ModelOptions());
        var edges = Edges(Graph(Concat1, Identity));
        var fit = new EdgeFit(false, TaskOutputKind.Tensor, model.Outputs[0], model.Inputs[0]);

        Assert.Contains("size is 3", edges[2].CheckPart(fit).Fault, StringComparison.Ordinal);
        Assert.Contains("\"join\": \"all\"", edges[2].Check(fit).Fault, StringComparison.Ordinal);
        Assert.Contains("side by side", edges[3].CheckPart(fit).Fault, StringComparison.Ordinal);
    }

    private static float[] Filled(string a, string b, int height, int width, JoinInput[] arrived, RgbImage? image = null)
    {
        using var model = OnnxModel.Load("m", TinyOnnx.Scale(1, height, width), new ModelOptions());
        using var runner = model.CreateRunner();
        runner.InputRow(0).Fill(-1);
        var graph = Graph(a, b);
        JoinAssembly.Fill(graph.Tasks[3], Edges(graph), arrived, image, ImageForm.Default, model.Inputs[0], runner.InputRowBytes(0));
        return runner.InputRow(0).ToArray();
    }

    private static EdgeTransforms[] Edges(Pipeline graph) => [.. graph.Edges.Select(e => TransformRegistry.Default.Prepare(e, $"$.edges[{e.Index}]"))];

    private static Pipeline Graph(string a, string b) => PipelineReader.Read(
        $$"""
        { "name": "p", "sloMs": 100, "input": { "name": "x", "datatype": "UINT8", "shape": [-1, -1, 3] },
          "tasks": [ {{Task("d", "each")}}, {{Task("a", "each")}}, {{Task("b", "each")}}, {{Task("j", "all")}} ],
          "edges": [ { "from": "d", "to": "a" }, { "from": "d", "to": "b" },
                     { "from": "a", "to": "j", "transforms": [ {{a}} ] }, { "from": "b", "to": "j", "transforms": [ {{b}} ] } ] }
        """, "test.json");

    private static string Task(string name, string join) =>
        $$"""{ "name": "{{name}}", "join": "{{join}}", "variants": [ { "name": "{{name}}-v", "model": "m", "accuracy": 1 } ] }""";
}
