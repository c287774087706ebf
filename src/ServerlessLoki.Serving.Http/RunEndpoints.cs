using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Serving.Http;

/// <summary>Endpoints <c>/runs</c> of durable runs.</summary>
internal sealed class RunEndpoints(LokiApiContext api)
{
    private const int DefaultSize = 50;
    private const int MaxSize = 1000;

    public async Task CreateAsync(HttpContext context)
    {
        var engine = api.RequireEngine();
        var runs = api.RequireRuns(context);
        var pipeline = Pipeline(context.Request, engine);
        var headers = InferEndpoints.Headers(context.Request);
        using var share = api.Take(context.Request);
        var body = await BodyReader.ReadAsync(context.Request, share, api.Limits.MaxBodyBytes);
        // The body is parsed and stored: not for the thread that received it.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var run = await runs.AcceptAsync(pipeline, headers, body, context.RequestAborted);
        context.Response.Headers.Location = "/runs/" + run.Id;
        await AnswerAsync(context, 202, run);
    }

    public async Task GetAsync(HttpContext context)
    {
        var run = await api.RequireRuns(context).FindAsync(Id(context), context.RequestAborted) ?? throw Unknown(context);
        await AnswerAsync(context, 200, run);
    }

    public async Task DeleteAsync(HttpContext context)
    {
        var runs = api.RequireRuns(context);
        var id = Id(context);
        if (await runs.CancelAsync(id, context.RequestAborted))
        {
            await AnswerAsync(context, 200, await runs.FindAsync(id, context.RequestAborted) ?? throw Unknown(context));
            return;
        }

        if (!await runs.DeleteAsync(id, context.RequestAborted))
            throw Unknown(context);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public async Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var size = Size(query["size"]);
        var state = State(query["state"]);
        string? after = query["after"];
        RunPage page;
        try
        {
            page = await api.RequireRuns(context).ListAsync(size, string.IsNullOrEmpty(after) ? null : after, state, context.RequestAborted);
        }
        catch (FormatException)
        {
            throw ApiFaultException.Bad("after: not a 'next' that a page before gave.");
        }

        if (page.Next is not null)
        {
            var link = $"/runs?size={size.ToString(CultureInfo.InvariantCulture)}&after={Uri.EscapeDataString(page.Next)}"
                + (state is { } s ? "&state=" + Name(s) : "");
            context.Response.Headers.Link = $"<{link}>; rel=\"next\"";
        }

        await JsonAnswer.WriteAsync(context, 200, page, static (json, p) =>
        {
            json.WriteStartObject();
            json.WriteStartArray("runs"u8);
            foreach (var run in p.Runs)
                Write(json, run, withResult: false);
            json.WriteEndArray();
            json.WriteString("next"u8, p.Next);
            json.WriteEndObject();
        });
    }

    private static Pipelines.Pipeline Pipeline(HttpRequest request, IServingEngine engine)
    {
        string? name = request.Query["pipeline"];
        if (string.IsNullOrEmpty(name))
            name = request.Headers["pipeline"];
        var known = string.Join(", ", engine.Pipelines.Select(p => p.Pipeline.Name));
        if (string.IsNullOrEmpty(name))
        {
            return engine.Pipelines.Count == 1
                ? engine.Pipelines[0].Pipeline
                : throw ApiFaultException.Bad($"Say which pipeline: ?pipeline=NAME, one of {known}.");
        }

        return engine.Find(name)?.Pipeline ?? throw ModelNames.Unknown(engine, name);
    }

    private static int Size(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return DefaultSize;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size is >= 1 and <= MaxSize
            ? size
            : throw ApiFaultException.Bad($"size: an integer from 1 to {MaxSize}.");
    }

    private static RunState? State(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        foreach (var state in Enum.GetValues<RunState>())
        {
            if (Name(state) == text)
                return state;
        }

        throw ApiFaultException.Bad($"state: one of {string.Join(", ", Enum.GetValues<RunState>().Select(Name))}.");
    }

    private static string Name(RunState state) => state switch
    {
        RunState.Accepted => "accepted",
        RunState.Completed => "completed",
        RunState.Failed => "failed",
        _ => "cancelled",
    };

    private static string Id(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    private static ApiFaultException Unknown(HttpContext context)
    {
        var id = Id(context);
        return ApiFaultException.NotFound($"No run '{(id.Length <= 64 ? id : id[..64] + "…")}'.");
    }

    private static Task AnswerAsync(HttpContext context, int status, RunRecord run) =>
        JsonAnswer.WriteAsync(context, status, run, static (json, r) => Write(json, r, withResult: true));

    private static void Write(Utf8JsonWriter json, RunRecord run, bool withResult)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, run.Id);
        json.WriteString("pipeline"u8, run.Pipeline);
        json.WriteString("state"u8, Name(run.State));
        json.WriteString("created"u8, run.Created);
        if (run.Ended is { } ended)
            json.WriteString("ended"u8, ended);
        if (withResult && run.Result is not null)
            WriteResult(json, run);
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, RunRecord run)
    {
        if (run.State == RunState.Completed)
        {
            json.WritePropertyName("result"u8);
            json.WriteRawValue(run.Result!, skipInputValidation: true);
            return;
        }

        using var document = JsonDocument.Parse(run.Result!);
        foreach (var member in document.RootElement.EnumerateObject())
            member.WriteTo(json);
    }
}
