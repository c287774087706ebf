using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Runs;

/// <summary>A run before it is stored.</summary>
public static class RunDraft
{
    /// <summary>Error body of a run that its caller cancelled.</summary>
    public static string Cancelled { get; } =
        AnswerJson.Text(json => ErrorJson.Write(json, QueryOutcomes.Code(QueryOutcome.Cancelled), "Cancelled by its caller.", null));

    /// <summary>Checks a body and makes the run's record.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="headers">What the headers say about the body.</param>
    /// <param name="body">Stays the caller's. What is read out of it is charged to its share meanwhile.</param>
    /// <param name="limits">What may be asked for.</param>
    /// <param name="now">Present time.</param>
    /// <exception cref="ApiFaultException">A run that could never be read must be refused now, not fail later.</exception>
    public static RunRecord Of(Pipeline pipeline, InferHeaders headers, PooledBytes body, InferLimits limits, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(headers);
        ArgumentNullException.ThrowIfNull(body);
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

    /// <summary>A picture is checked to be complete; it is decompressed when the run is executed.</summary>
    /// <returns>Most bytes that reading it takes, then and now.</returns>
    private static long Check(Pipeline pipeline, InferHeaders headers, PooledBytes body, InferLimits limits)
    {
        var isPicture = headers.Form == BodyForm.Picture;
        var view = body.View();
        // Its pixels are not needed yet: the run waits for the room when it is executed.
        view.Share = isPicture ? null : body.Share;
        var call = PipelineQuery.Read(pipeline, headers, view, limits);
        call.Input.Dispose();
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
