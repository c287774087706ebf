using ServerlessLoki.Cli.Commands;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Embedded;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Audio;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Cli.Inference;

/// <summary>Inference on a pipeline in this process.</summary>
internal static class LocalInference
{
    /// <summary>Starts a host, sends the query, stops the host. There is no deadline, since there is no other load.</summary>
    public static async Task<InferAnswer> AskAsync(string pipelineFile, PolicyRegistry known, string policy, byte[] file, CancellationToken cancellationToken)
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
                return await AskAsync(host.Engine, file, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    /// <summary>Sends the query to a running engine.</summary>
    /// <exception cref="FailureException">The engine did not answer.</exception>
    public static async Task<InferAnswer> AskAsync(ServingEngine engine, byte[] file, CancellationToken cancellationToken)
    {
        var pipeline = engine.Pipelines[0].Pipeline;
        var isSound = WavHeader.IsWav(file);
        if (isSound ? pipeline.MaxSoundSeconds is null : !pipeline.Input.IsImage)
            throw new BadInputException($"{(isSound ? "--audio" : "--image")}: pipeline '{pipeline.Name}' takes {pipeline.Input.Datatype} [{string.Join(", ", pipeline.Input.Shape)}], not {(isSound ? "sounds" : "images")}");
        QueryInput input = isSound ? Sound(pipeline, file) : new ImageInput(PictureCodec.Decode(file, ImageLimits.Default));
        var result = await engine.SubmitAsync(
            new QueryRequest { Pipeline = pipeline.Name, Input = input, IgnoreSlo = true }, cancellationToken).ConfigureAwait(false);
        return result.Outcome == QueryOutcome.Completed
            ? AnswerRows.Of(pipeline, result)
            : throw new FailureException($"{pipeline.Name} did not answer: {result.Error}");
    }

    private static TensorInput Sound(Pipeline pipeline, byte[] file)
    {
        var packed = TensorPack.Write([new TensorPart(pipeline.Input.Name, "BYTES", [1], (byte[])[.. BitConverter.GetBytes(file.Length), .. file])]);
        return new TensorInput(PooledBytes.CopyOf(packed), packed.Length, isPacked: true);
    }
}
