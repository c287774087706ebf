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

/// <summary>Texts that go from worker to worker: the query's own, and what the parent read.</summary>
public sealed class DistributedTextsTests : IDisposable
{
    private const string Json = """
        { "name": "p", "sloMs": 20000, "input": { "name": "text", "datatype": "BYTES", "shape": [1] },
          "tasks": [ { "name": "language", "input": { "kind": "text", "tokenizer": "vocab.txt" }, "output": { "kind": "classification", "labels": ["en", "fr"], "scores": "logits" },
                       "variants": [ { "name": "language-l", "model": "language.onnx", "accuracy": 1 } ] },
                     { "name": "french", "input": { "kind": "text", "tokenizer": "vocab.txt" }, "output": { "kind": "text", "tokenizer": "vocab.txt" },
                       "variants": [ { "name": "french-l", "model": "french.onnx", "accuracy": 1 } ] },
                     { "name": "short", "input": { "kind": "text", "tokenizer": "vocab.txt" }, "output": { "kind": "text", "tokenizer": "vocab.txt" },
                       "variants": [ { "name": "short-l", "model": "short.onnx", "accuracy": 1 } ] } ],
          "edges": [ { "from": "language", "to": "french", "labels": ["fr"], "transforms": [ { "name": "query" } ] },
                     { "from": "language", "to": "short", "labels": ["en"], "transforms": [ { "name": "query" } ] }, { "from": "french", "to": "short" } ] }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("loki-remote-texts-").FullName;

    public DistributedTextsTests()
    {
        File.WriteAllText(Path.Combine(_folder, "vocab.txt"), TextModels.Vocabulary(TextModels.Words));
        File.WriteAllBytes(Path.Combine(_folder, "language.onnx"), TextModels.Judge(2, ("the", [3, 0]), ("la", [0, 3])));
        File.WriteAllBytes(Path.Combine(_folder, "french.onnx"), TextModels.Translates(("rouge", "red"), ("voiture", "car"), ("la", "the"), ("est", "is")));
        File.WriteAllBytes(Path.Combine(_folder, "short.onnx"), TextModels.Shortens(3));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Submit_LanguageDecides_EachQueryKeepsItsOwnText()
    {
        var fitted = PipelineFit.Check(new PipelineSource(PipelineReader.Read(Json, "test"), _folder), TransformRegistry.Default, new ModelOptions(), "test");
        await using var system = new RemoteSystem(Json) { Fitted = fitted };
        await ModelCatalog.PublishAsync(system.State, [fitted], RemoteSystem.Token);
        await system.PublishAsync("l", 1);
        await system.AddWorkerAsync();
        var ingress = await system.AddReadyIngressAsync();
        await RemoteSystem.UntilAsync(() => ingress.Pipelines[0].Pipeline.Tensors.Length == 3);

        // Long texts travel by the payload store.
        foreach (var tail in (string[])["", string.Concat(Enumerable.Repeat(" good", 60_000))])
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(async c =>
            {
                var (isFrench, isRed) = (c % 2 == 0, c % 4 < 2);
                var input = Query((isFrench ? isRed ? "la rouge voiture" : "la voiture est" : isRed ? "the red car" : "the car is") + tail);
                var result = await ingress.SubmitAsync(new QueryRequest { Pipeline = "p", Input = input, IgnoreSlo = true }, RemoteSystem.Token);
                Assert.Equal((QueryOutcome.Completed, null), (result.Outcome, result.Error));
                var outputs = PipelineOutputs.Of(ingress.Pipelines[0].Pipeline, result).ToDictionary(o => o.Name, o => o.Bytes, StringComparer.Ordinal);
                Assert.Equal(isFrench ? "fr" : "en", Text(outputs["language.label"]));
                Assert.Equal(isRed ? "the red" : "the car", Text(outputs["short.text"]));
            }));
        }
    }

    [Fact]
    public async Task Submit_Question_GoesAlongToALaterTask()
    {
        const string Asks = """
            { "name": "p", "sloMs": 20000, "input": { "name": "text", "datatype": "BYTES", "shape": [1] }, "parameters": { "question": { "type": "text", "default": "red" } },
              "tasks": [ { "name": "french", "input": { "kind": "text", "tokenizer": "vocab.txt" }, "output": { "kind": "text", "tokenizer": "vocab.txt" },
                           "variants": [ { "name": "french-l", "model": "french.onnx", "accuracy": 1 } ] },
                         { "name": "answer", "input": { "kind": "text", "tokenizer": "vocab.txt", "texts": ["parameters.question", "input"] }, "output": { "kind": "answer" },
                           "variants": [ { "name": "answer-l", "model": "answer.onnx", "accuracy": 1 } ] } ],
              "edges": [ { "from": "french", "to": "answer" } ] }
            """;
        File.WriteAllBytes(Path.Combine(_folder, "answer.onnx"), TextModels.Answers());
        var fitted = PipelineFit.Check(new PipelineSource(PipelineReader.Read(Asks, "test"), _folder), TransformRegistry.Default, new ModelOptions(), "test");
        await using var system = new RemoteSystem(Asks) { Fitted = fitted };
        await ModelCatalog.PublishAsync(system.State, [fitted], RemoteSystem.Token);
        await system.PublishAsync("l", 1);
        await system.AddWorkerAsync();
        var ingress = await system.AddReadyIngressAsync();
        await RemoteSystem.UntilAsync(() => ingress.Pipelines[0].Pipeline.Tensors.Length == 2);

        foreach (var question in (string?[])["car", null, "the"])
        {
            var result = await ingress.SubmitAsync(
                new QueryRequest
                {
                    Pipeline = "p", Input = Query("la voiture rouge"), IgnoreSlo = true,
                    Arguments = question is null ? [] : [MadeTensors.TextPart(question) with { Name = "question", Shape = [1] }],
                },
                RemoteSystem.Token);
            Assert.Equal((QueryOutcome.Completed, null), (result.Outcome, result.Error));
            var outputs = PipelineOutputs.Of(ingress.Pipelines[0].Pipeline, result).ToDictionary(o => o.Name, o => o.Bytes, StringComparer.Ordinal);
            Assert.Equal(question ?? "red", Text(outputs["answer.text"]));
        }
    }

    private static string Text(ReadOnlyMemory<byte> elements) => System.Text.Encoding.UTF8.GetString(Assert.Single(TextElements.Of(elements)).Span);

    private static TensorInput Query(string text)
    {
        var packed = TensorPack.Write([new TensorPart("text", "BYTES", [1], MadeTensors.TextPart(text).Bytes)]);
        return new TensorInput(PooledBytes.CopyOf(packed), packed.Length, isPacked: true);
    }
}
