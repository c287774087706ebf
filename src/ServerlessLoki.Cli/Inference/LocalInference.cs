using ServerlessLoki.Cli.Commands;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Embedded;
using ServerlessLoki.Planning;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Cli.Inference;

/// <summary>Asks a pipeline in this process.</summary>
internal static class LocalInference
{
    /// <summary>Starts a host, asks, stops it. There is no deadline: nobody else waits.</summary>
    public static async Task<InferAnswer> AskAsync(string pipelineFile, PolicyRegistry known, string policy, byte[] picture, CancellationToken cancellationToken)
    {
        var data = Directory.CreateTempSubdirectory("loki-infer-");
        try
        {
            var profile = Path.Combine(Path.GetDirectoryName(pipelineFile)!, "profile.csv");
            var options = new EmbeddedHostOptions
            {
                PipelineFiles = [pipelineFile],
                DataDirectory = data.FullName,
                ProfileFile = File.Exists(profile) ? profile : null,
                Policy = policy,
                Engine = new EngineOptions { KnownPolicies = known },
            };
            var host = await ServedHost.StartAsync(options, cancellationToken).ConfigureAwait(false);
            await using (host.ConfigureAwait(false))
                return await AskAsync(host.Engine, picture, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    /// <summary>Asks an engine that runs.</summary>
    /// <exception cref="FailureException">It did not answer.</exception>
    public static async Task<InferAnswer> AskAsync(ServingEngine engine, byte[] picture, CancellationToken cancellationToken)
    {
        var pipeline = engine.Pipelines[0].Pipeline;
        if (!pipeline.Input.IsImage)
            throw new BadInputException($"--image: pipeline '{pipeline.Name}' takes {pipeline.Input.Datatype} [{string.Join(", ", pipeline.Input.Shape)}], not images");
        var input = new ImageInput(PictureCodec.Decode(picture, ImageLimits.Default));
        var result = await engine.SubmitAsync(
            new QueryRequest { Pipeline = pipeline.Name, Input = input, IgnoreSlo = true }, cancellationToken).ConfigureAwait(false);
        return result.Outcome == QueryOutcome.Completed
            ? AnswerRows.Of(pipeline, result)
            : throw new FailureException($"{pipeline.Name} did not answer: {result.Error}");
    }
}
