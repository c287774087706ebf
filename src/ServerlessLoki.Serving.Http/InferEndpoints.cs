using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Http;

/// <summary>Endpoint <c>POST v2/models/{model}[/versions/{version}]/infer</c>.</summary>
internal sealed class InferEndpoints(LokiApiContext api)
{
    /// <summary>Largest body that is read and dropped so that its connection can be reused: 1 MiB.</summary>
    private const int LargestDrained = 1 << 20;

    /// <summary>Largest JSON that is parsed on the receiving thread, bytes: other requests wait for that thread.</summary>
    private const int LargestParsed = 64 << 10;

    /// <summary>Largest body of any form that is scanned on the receiving thread, bytes.</summary>
    private const int LargestLookedAt = 256 << 10;

    /// <summary>Most tensor values that are written on the thread that completed the answer.</summary>
    private const int LargestAtOnce = 4096;

    /// <summary>Number of values of a detection: box, score and label.</summary>
    private const int ValuesOfARow = 6;

    /// <summary>Largest text of an answer that is not charged to the budget, bytes: every answer has some text.</summary>
    private const int SmallText = 64 << 10;

    private readonly HeldRefusals _held = new(api.Time);

    public async Task InferAsync(HttpContext context)
    {
        var age = RequestAge.Of(context);
        var engine = api.RequireEngine();
        var name = (string)context.Request.RouteValues["model"]!;
        ModelNames.RequireVersion(name, context.Request.RouteValues["version"] as string);
        if (engine.Find(name) is { } pipeline)
            await PipelineAsync(context, pipeline, age);
        else if (engine.Describe(name) is { } model)
            await VariantAsync(context, engine, model, age);
        else
            throw ModelNames.Unknown(engine, name);
    }

    private async Task PipelineAsync(HttpContext context, ServedPipeline served, RequestAge age)
    {
        var pipeline = served.Pipeline;
        var headers = Headers(context.Request);
        var ageAtHeaders = age.Elapsed;
        var early = context.Features.Get<IRetryTimes>()?.Left ?? TimeSpan.Zero;
        var asked = SaysHowLong(headers) ? AskedTime.Of(headers.Deadline, TimeSpan.FromMicroseconds(pipeline.SloUs), api.Limits) : null;
        if (Early(served, headers, asked, age, early > TimeSpan.Zero) is { } refusal)
        {
            await HoldAsync(context, early, TimeLeft(pipeline, asked, age), isRead: false, refusal.Outcome, refusal.RetryAfter);
            await RefuseUnreadAsync(context, refusal.Outcome, refusal.Error, refusal.RetryAfter);
            return;
        }

        using var share = api.Take(context.Request);
        var body = await BodyReader.ReadAsync(context.Request, share, api.Limits.MaxBodyBytes, headers.JsonLength);
        if (IsLong(headers, body))
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var call = PipelineQuery.Read(pipeline, headers, body, api.Limits);
        // It frees the memory, and with it the share.
        call.ChargeTo(share.Move());
        var latency = IsAllInHeaders(headers) ? asked : Asked(call, pipeline);
        var result = await served.SubmitAsync(
            new QueryRequest
            {
                Pipeline = pipeline.Name,
                Input = call.Input,
                Others = call.Others,
                Arguments = call.Arguments,
                Id = call.Id,
                Latency = latency,
                Age = age.Elapsed,
                AgeAtHeaders = ageAtHeaders,
                IsTooSoon = early > TimeSpan.Zero,
                MinAccuracy = call.Parameters.MinAccuracy,
                WantsProbabilities = call.WantsProbabilities,
            },
            context.RequestAborted);
        if (result.Outcome != QueryOutcome.Completed)
        {
            await HoldAsync(context, early, TimeLeft(pipeline, latency, age), isRead: true, result.Outcome, result.RetryAfter);
            await ErrorAnswer.WriteAsync(context, result.Outcome, result.Error, result.RetryAfter);
            return;
        }

        // The thread that completes answers is the only one: writing a large tensor is not for it.
        if (result.Answers.Sum(static a => ((a.Tensor?.Length ?? 0) / sizeof(float)) + (ValuesOfARow * a.Rows.Count)) > LargestAtOnce)
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var outputs = OutputSelection.Of(PipelineOutputs.Of(pipeline, result), call.Outputs, call.BinaryOutput);
        using var text = Text(context.Request, outputs);
        await InferResponse.WriteAsync(
            context, pipeline.Name, call.Id, outputs, static (json, r) => PipelineParameters.Write(json, r.pipeline, r.result), (pipeline, result));
    }

    /// <summary>Refuses a query by its headers alone; null where the query may come in, or only its body says how much time it has.</summary>
    private QueryResult? Early(ServedPipeline served, InferHeaders headers, TimeSpan? asked, RequestAge age, bool isTooSoon)
    {
        // The body may ask for more time; but a host whose callers wait for all of theirs before they are looked at has none to read bodies.
        return !SaysHowLong(headers) && age.Elapsed.TotalMicroseconds < served.Pipeline.SloUs
            ? null
            : served.RefuseEarly(asked, age.Elapsed, isTooSoon);
    }

    /// <summary>Records when a refused caller should come back; delays the refusal where the caller came too soon.</summary>
    private async Task HoldAsync(HttpContext context, TimeSpan early, TimeSpan left, bool isRead, QueryOutcome outcome, TimeSpan? retryAfter)
    {
        if (outcome != QueryOutcome.Rejected || retryAfter is not { } wait || context.Features.Get<IRetryTimes>() is not { } retries)
            return;
        // A large body is not read only to be dropped, and one that waits for leave to be sent is not asked for.
        if (isRead || (context.Request.ContentLength <= LargestDrained && context.Request.Headers.Expect.Count == 0))
            await _held.WaitAsync(early, left, isRead ? null : context.Request.BodyReader, context.RequestAborted);
        retries.ComeBackIn(wait);
    }

    private static TimeSpan TimeLeft(Pipeline pipeline, TimeSpan? asked, RequestAge age) =>
        (asked ?? TimeSpan.FromMicroseconds(pipeline.SloUs)) - age.Elapsed;

    /// <summary>Refuses a direct inference by its headers alone; null where it may come in, or only its body states its deadline.</summary>
    private VariantResult? Early(IServingEngine engine, ModelDescription model, InferHeaders headers, RequestAge age) =>
        SaysHowLong(headers)
            ? engine.RefuseInferEarly(model.Name, Direct(headers), age.Elapsed)
            : null;

    private TimeSpan Direct(InferHeaders headers) => AskedTime.Of(headers.Deadline, Dispatcher.DirectLatency, api.Limits) ?? Dispatcher.DirectLatency;

    private static bool IsLong(InferHeaders headers, PooledBytes body) =>
        (headers.Form == BodyForm.Json ? body.Length : headers.JsonLength) > LargestParsed || body.Length > LargestLookedAt;

    /// <summary>Tests whether the body cannot change the query's deadline, and the deadline is allowed.</summary>
    private bool SaysHowLong(InferHeaders headers) =>
        (headers.Deadline is not null || headers.HasNoJson) && !(headers.Deadline > api.Limits.MaxDeadline);

    /// <summary>Tests whether the body cannot state a deadline, and the deadline of the headers is allowed.</summary>
    private bool IsAllInHeaders(InferHeaders headers) => headers.HasNoJson && SaysHowLong(headers);

    private static Task RefuseUnreadAsync(HttpContext context, QueryOutcome outcome, string? error, TimeSpan? retryAfter)
    {
        // The server reads on and drops a small body; for a large one a new connection is less work.
        if (context.Request.ContentLength is not <= LargestDrained)
            context.Response.Headers.Connection = "close";
        return ErrorAnswer.WriteAsync(context, outcome, error, retryAfter);
    }

    /// <summary>Charges the text of an answer, which must be complete before its length is sent; null where it is small.</summary>
    private ByteBudget.Share? Text(HttpRequest request, List<(OutputTensor Tensor, bool Binary)> outputs)
    {
        var most = outputs.Sum(static o => o.Binary ? 0 : TensorText.MostBytes(o.Tensor.Datatype, o.Tensor.Bytes.Length));
        return most > SmallText ? api.Take(request, most) : null;
    }

    private async Task VariantAsync(HttpContext context, IServingEngine engine, ModelDescription model, RequestAge age)
    {
        var headers = Headers(context.Request);
        var early = context.Features.Get<IRetryTimes>()?.Left ?? TimeSpan.Zero;
        if (Early(engine, model, headers, age) is { } refusal)
        {
            await HoldAsync(context, early, Direct(headers) - age.Elapsed, isRead: false, refusal.Outcome, refusal.RetryAfter);
            await RefuseUnreadAsync(context, refusal.Outcome, refusal.Error, refusal.RetryAfter);
            return;
        }

        using var share = api.Take(context.Request);
        var body = await BodyReader.ReadAsync(context.Request, share, api.Limits.MaxBodyBytes, headers.JsonLength);
        if (IsLong(headers, body))
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var call = VariantQuery.Read(model, headers, body, api.Limits);
        var charge = share.Move();
        call.Request.Charge = charge;
        using var result = await engine.InferAsync(call.Variant with { Age = age.Elapsed, Charge = charge }, context.RequestAborted);
        if (result.Outcome != QueryOutcome.Completed)
        {
            await HoldAsync(context, early, (call.Variant.Latency ?? Dispatcher.DirectLatency) - age.Elapsed, isRead: true, result.Outcome, result.RetryAfter);
            await ErrorAnswer.WriteAsync(context, result.Outcome, result.Error, result.RetryAfter);
            return;
        }

        var all = VariantQuery.WithClasses(
            VariantQuery.Outputs(model, call.Variant.Rows, result), call.Request, model, engine.Find(model.Pipeline)?.Pipeline.FindTask(model.Task)?.Output);
        var outputs = OutputSelection.Of(all, call.Request.Outputs, call.Request.BinaryOutput);
        using var text = Text(context.Request, outputs);
        await InferResponse.WriteAsync<object?>(context, model.Name, call.Request.Id, outputs, null, null);
    }

    private TimeSpan? Asked(PipelineCall call, Pipeline pipeline)
    {
        try
        {
            return AskedTime.Of(call.Parameters.Latency, TimeSpan.FromMicroseconds(pipeline.SloUs), api.Limits);
        }
        catch
        {
            call.DisposeInputs();
            throw;
        }
    }

    internal static InferHeaders Headers(HttpRequest request)
    {
        var headers = InferHeaders.Read(
            request.ContentType, request.Headers[InferHeaders.JsonLengthHeader], request.Headers[InferHeaders.DeadlineHeader], request.Headers[InferHeaders.MinAccuracyHeader]);
        return request.QueryString.HasValue
            ? headers with { Arguments = request.Query.ToImmutableDictionary(static q => q.Key, static q => Once(q.Key, q.Value), StringComparer.Ordinal) }
            : headers;
    }

    private static string Once(string name, StringValues values) =>
        values.Count == 1 ? values.ToString() : throw ApiFaultException.Bad($"?{name}: found {values.Count} values, a parameter is given once.");
}
