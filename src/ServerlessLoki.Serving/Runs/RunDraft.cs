using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Runs;

/// <summary>Run before it is stored.</summary>
public static class RunDraft
{
    /// <summary>Error body of a run that its caller cancelled.</summary>
    public static string Cancelled { get; } =
        AnswerJson.Text(json => ErrorJson.Write(json, QueryOutcomes.Code(QueryOutcome.Cancelled), "Cancelled by its caller.", null));

    /// <summary>Checks a body and makes the run's record.</summary>
    /// <param name="pipeline">Pipeline of the run.</param>
    /// <param name="headers">Headers of the request.</param>
    /// <param name="body">Body; the caller keeps ownership. Memory for parsed content is charged to its share meanwhile.</param>
    /// <param name="limits">Limits of requests.</param>
    /// <param name="now">Current time.</param>
    /// <exception cref="ApiFaultException">The body cannot be read: such a run is refused now instead of failing later.</exception>
    public static RunRecord Of(Pipeline pipeline, InferHeaders headers, PooledBytes body, InferLimits limits, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(headers);
        ArgumentNullException.ThrowIfNull(body);
        headers = PipelineQuery.Named(pipeline, headers, body.Span);
        var most = Check(pipeline, headers, body, limits);
        return new RunRecord
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Pipeline = pipeline.Name,
            State = RunState.Accepted,
            Payload = "",
            Parameters = RunParameters.Write(headers with { Arguments = QueryArguments.Declared(pipeline, headers.Arguments) }, most),
            Created = now,
        };
    }

    /// <summary>Checks the body. An image is checked for completeness; it is decompressed when the run is executed.</summary>
    /// <returns>Most bytes that reading the body takes, now and later.</returns>
    private static long Check(Pipeline pipeline, InferHeaders headers, PooledBytes body, InferLimits limits)
    {
        var isPicture = headers.Form == BodyForm.Picture;
        var view = body.View();
        // Its pixels are not needed yet: the run waits for the room when it is executed.
        view.Share = isPicture ? null : body.Share;
        var call = PipelineQuery.Read(pipeline, headers, view, limits);
        call.DisposeInputs();
        if (!call.Others.IsEmpty)
            throw ApiFaultException.Bad($"$.inputs: found {1 + call.Others.Length} rows, a run takes one. Start a run for each row.");
        view.Share?.Resize(body.Length);
        if (!isPicture)
            return call.Most;
        try
        {
            PictureCodec.Check(body.Span, PipelineQuery.ImageLimitsOf(limits));
            return call.Most;
        }
        catch (ImageFormatException e)
        {
            throw ApiFaultException.Bad(e.Message);
        }
    }
}
