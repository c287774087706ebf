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

/// <summary>A request for the probabilities of all classes goes to the worker, and they come back with its answer.</summary>
public sealed class DistributedProbabilitiesTests : IDisposable
{
    private const string Json = """
        { "name": "p", "sloMs": 20000, "input": { "name": "x", "datatype": "FP32", "shape": [3] },
          "tasks": [ { "name": "t", "output": { "kind": "classification", "labels": ["a", "b", "c"], "scores": "sigmoid" }, "variants": [ { "name": "same-l", "model": "same.onnx", "accuracy": 1 } ] } ] }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("loki-remote-classes-").FullName;

    public DistributedProbabilitiesTests() => File.WriteAllBytes(
        Path.Combine(_folder, "same.onnx"), new TinyOnnx().Input("x", TinyOnnx.Float, "N", 3).Output("y", TinyOnnx.Float, "N", 3).Node("Identity", ["x"], ["y"]).ToBytes());

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Submit_OfAllClasses_ComeWithTheAnswerWhereAskedFor(bool areWanted)
    {
        var fitted = PipelineFit.Check(new PipelineSource(PipelineReader.Read(Json, "test"), _folder), TransformRegistry.Default, new ModelOptions(), "test");
        await using var system = new RemoteSystem(Json) { Fitted = fitted };
        await ModelCatalog.PublishAsync(system.State, [fitted], RemoteSystem.Token);
        await system.PublishAsync("l", 1);
        await system.AddWorkerAsync();
        var ingress = await system.AddReadyIngressAsync();

        // 0 is as likely as not; the logarithm of 3 is three of four.
        var values = MemoryMarshal.AsBytes<float>([0, MathF.Log(3), -MathF.Log(3)]).ToArray();
        var result = await ingress.SubmitAsync(
            new QueryRequest { Pipeline = "p", Input = new TensorInput(PooledBytes.CopyOf(values), values.Length), WantsProbabilities = areWanted, IgnoreSlo = true }, RemoteSystem.Token);

        Assert.Equal((QueryOutcome.Completed, null), (result.Outcome, result.Error));
        var outputs = PipelineOutputs.Of(ingress.Pipelines[0].Pipeline, result);
        Assert.Equal(areWanted ? ["t.parent", "t.label", "t.score", "t.probabilities"] : ["t.parent", "t.label", "t.score"], outputs.Select(o => o.Name));
        Assert.Equal([2L], outputs[1].Shape);
        if (areWanted)
            Assert.Equal([0.5f, 0.75f, 0.25f], MemoryMarshal.Cast<byte, float>(outputs[3].Bytes.Span).ToArray(), (a, b) => Math.Abs(a - b) < 1e-6f);
    }
}
