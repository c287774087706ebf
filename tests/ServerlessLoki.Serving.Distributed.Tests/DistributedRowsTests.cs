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

/// <summary>A request of several rows, whose queries go to workers and come back in their order.</summary>
public sealed class DistributedRowsTests : IDisposable
{
    private const string Json = """
        { "name": "p", "sloMs": 20000, "input": { "name": "x", "datatype": "FP32", "shape": [2] },
          "tasks": [ { "name": "t", "output": { "kind": "tensor" }, "variants": [ { "name": "same-l", "model": "same.onnx", "accuracy": 1 } ] } ] }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("loki-remote-rows-").FullName;

    public DistributedRowsTests() => File.WriteAllBytes(
        Path.Combine(_folder, "same.onnx"), new TinyOnnx().Input("x", TinyOnnx.Float, "N", 2).Output("y", TinyOnnx.Float, "N", 2).Node("Neg", ["x"], ["y"]).ToBytes());

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Submit_SeveralRows_AnswersKeepTheirOrder()
    {
        var fitted = PipelineFit.Check(new PipelineSource(PipelineReader.Read(Json, "test"), _folder), TransformRegistry.Default, new ModelOptions(), "test");
        await using var system = new RemoteSystem(Json) { Fitted = fitted };
        await ModelCatalog.PublishAsync(system.State, [fitted], RemoteSystem.Token);
        await system.PublishAsync("l", 1);
        await system.AddWorkerAsync();
        var ingress = await system.AddReadyIngressAsync();

        var rows = Enumerable.Range(0, 12).Select(static QueryInput (i) => Input(i, 100 + i)).ToArray();
        var result = await ingress.SubmitAsync(new QueryRequest { Pipeline = "p", Input = rows[0], Others = [.. rows[1..]], IgnoreSlo = true }, RemoteSystem.Token);

        Assert.Equal((QueryOutcome.Completed, null), (result.Outcome, result.Error));
        var output = Assert.Single(PipelineOutputs.Of(ingress.Pipelines[0].Pipeline, result));
        Assert.Equal([12L, 2], output.Shape);
        Assert.Equal(Enumerable.Range(0, 12).SelectMany(static i => new[] { -(float)i, -(100f + i) }), MemoryMarshal.Cast<byte, float>(output.Bytes.Span).ToArray());
    }

    private static TensorInput Input(params float[] values) => new TensorInput(PooledBytes.CopyOf(MemoryMarshal.AsBytes(values.AsSpan())), sizeof(float) * values.Length);
}
