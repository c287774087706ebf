using System.Collections.Immutable;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Embedded;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Http.Tests;

/// <summary>A large tensor's way from a raw body through one variant into the answer.</summary>
[Collection(PooledCollection.Name)]
public sealed class DirectPathTests : IDisposable
{
    private const int Side = 256;
    private const int Bytes = 3 * Side * Side * sizeof(float);
    private readonly string _folder = Directory.CreateTempSubdirectory("loki-direct-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Infer_AtSteadyState_LeavesNoGarbageOfTheTensorsSize()
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder, "scale.onnx"), TinyOnnx.Scale(2, Side, Side), TestContext.Current.CancellationToken);
        var pipeline = PipelineReader.Read(
            """
            { "name": "p", "sloMs": 1000, "input": { "name": "x", "datatype": "FP32", "shape": [1, 3, 256, 256] },
              "tasks": [ { "name": "scale", "output": { "kind": "tensor" }, "variants": [ { "name": "v", "model": "scale.onnx", "accuracy": 1 } ] } ] }
            """,
            "p.json");
        await using var engine = new ServingEngine(
            new EngineOptions { Parallelism = 1, MaxBatch = 2 }, [new PipelineSource(pipeline, _folder)],
            new LatencyProfile([new ProfileRow("v", "cpu", 1, 2, 2, 2, 2), new ProfileRow("v", "cpu", 2, 4, 4, 4, 4)]), new OneDevice(),
            new InProcessStageQueues(), new MemoryState(), TransformRegistry.Default, TimeProvider.System, NullLoggerFactory.Instance);
        await engine.StartAsync(TestContext.Current.CancellationToken);
        var model = engine.Describe("v")!;
        for (var i = 0; i < 20; i++)
            await InferAsync(engine, model);
        const int requests = 50;
        var rented = PooledBytes.Rented;
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < requests; i++)
            await InferAsync(engine, model);
        var perRequest = (GC.GetTotalAllocatedBytes(precise: true) - before) / requests;
        Assert.InRange(perRequest, 0, Bytes / 4);
        await TestEngine.UntilAsync(() => PooledBytes.Rented <= rented);
    }

    private static async Task InferAsync(ServingEngine engine, ModelDescription model)
    {
        var body = PooledBytes.Rent(Bytes);
        body.Span.Clear();
        var call = VariantQuery.Read(model, new InferHeaders(BodyForm.Raw, 0, null), body, new InferLimits());
        using var result = await engine.InferAsync(call.Variant, TestContext.Current.CancellationToken);
        Assert.Equal(QueryOutcome.Completed, result.Outcome);
        var outputs = OutputSelection.Of(VariantQuery.Outputs(model, 1, result), call.Request.Outputs, call.Request.BinaryOutput);
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseBodyFeature>(new NoBody());
        await InferResponse.WriteAsync<object?>(context, model.Name, null, outputs, null, null);
        Assert.True(context.Response.ContentLength > Bytes);
    }

    /// <summary>Takes a body in one piece: pieces of 4 KiB, the default, would be garbage that a server's own pipe does not make.</summary>
    private sealed class NoBody : IHttpResponseBodyFeature
    {
        public Stream Stream => Stream.Null;

        public PipeWriter Writer { get; } = PipeWriter.Create(Stream.Null, new StreamPipeWriterOptions(minimumBufferSize: 1 << 20));

        public void DisableBuffering()
        {
        }

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task CompleteAsync() => Task.CompletedTask;
    }

    private sealed class OneDevice : IFleet
    {
        public ImmutableArray<DeviceType> Devices { get; } = [new DeviceType("cpu", 1)];

        public ValueTask<bool> ScaleAsync(string device, int slots, CancellationToken cancellationToken) => new(false);
    }
}
