using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Distributed.Tests;

/// <summary>Models with several inputs of open sizes, served by workers: the ingress has no model files and learns from them what queries bring.</summary>
public sealed class DistributedTensorsTests : IDisposable
{
    private const string Json = """
        { "name": "p", "sloMs": 20000, "input": { "name": "ids", "datatype": "FP32", "shape": [-1] },
          "tasks": [ { "name": "t", "variants": [ { "name": "mean-l", "model": "mean.onnx", "accuracy": 1 } ] } ] }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("loki-remote-tensors-").FullName;

    public DistributedTensorsTests() => File.WriteAllBytes(Path.Combine(_folder, "mean.onnx"), new TinyOnnx()
        .Input("ids", TinyOnnx.Float, "N", "S").Input("mask", TinyOnnx.Float, "N", "S").Output("mean", TinyOnnx.Float, "N", 1).Output("kept", TinyOnnx.Float, "N", "S")
        .Node("Mul", ["ids", "mask"], ["kept"]).Node("ReduceMean", ["kept"], ["mean"], ("axes", new long[] { 1 }), ("keepdims", 1L)).ToBytes());

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Submit_SeveralTensorsOfAnyLength_EachQueryGetsItsOwn()
    {
        var fitted = PipelineFit.Check(new PipelineSource(PipelineReader.Read(Json, "test"), _folder), TransformRegistry.Default, new ModelOptions(), "test");
        await using var system = new RemoteSystem(Json) { Fitted = fitted };
        await ModelCatalog.PublishAsync(system.State, [fitted], RemoteSystem.Token);
        await system.PublishAsync("l", 1);
        await system.AddWorkerAsync();
        var ingress = await system.AddReadyIngressAsync();
        await RemoteSystem.UntilAsync(() => ingress.Pipelines[0].Pipeline.Inputs.Length == 2);

        await Task.WhenAll(Enumerable.Range(0, 30).Select(async c =>
        {
            var values = Enumerable.Repeat((float)c, 1 + (c % 4)).ToArray();
            var result = await ingress.SubmitAsync(new QueryRequest { Pipeline = "p", Input = Query(values), IgnoreSlo = true }, RemoteSystem.Token);
            Assert.Equal((QueryOutcome.Completed, null), (result.Outcome, result.Error));
            var outputs = PipelineOutputs.Of(ingress.Pipelines[0].Pipeline, result);
            Assert.Equal([("t.mean", "1,1"), ("t.kept", $"1,{values.Length}")], outputs.Select(o => (o.Name, string.Join(',', o.Shape))));
            Assert.Equal([c, .. values], outputs.SelectMany(o => MemoryMarshal.Cast<byte, float>(o.Bytes.Span).ToArray()));
        }));

        var direct = await ingress.InferAsync(
            new VariantRequest { Variant = "mean-l", Rows = 2, Inputs = [Floats(1, 2, 3, 4, 5, 6), Floats(1, 1, 1, 1, 1, 1)], RowShapes = [[3], [3]] }, RemoteSystem.Token);
        Assert.Equal((QueryOutcome.Completed, null), (direct.Outcome, direct.Error));
        Assert.Equal([2f, 5], MemoryMarshal.Cast<byte, float>(direct.Outputs[0].Span).ToArray());
        Assert.Equal([3L], direct.Loose!.Value[1].Shape);
    }

    private static TensorInput Query(float[] values)
    {
        var packed = TensorPack.Write([
            new TensorPart("mask", "FP32", [values.Length], Floats([.. values.Select(_ => 1f)])), new TensorPart("ids", "FP32", [1, values.Length], Floats(values))]);
        return new TensorInput(PooledBytes.CopyOf(packed), packed.Length, isPacked: true);
    }

    private static byte[] Floats(params float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
