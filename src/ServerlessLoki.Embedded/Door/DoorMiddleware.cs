using Microsoft.AspNetCore.Http;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Embedded.Door;

/// <summary>Access control of requests: a known Host, no foreign page as origin, and a key where keys are configured.</summary>
/// <remarks>Health is told to everybody: probes of orchestrators and balancers know neither name nor key. The status page needs no key, since a
/// browser sends none when it opens a page: it holds nothing and asks for the key itself.</remarks>
internal sealed class DoorMiddleware(RequestDelegate next, EmbeddedHostOptions options)
{
    /// <summary>Requests of one connection that are answered before other connections get the thread.</summary>
    private const int Turn = 8;

    private readonly HostNames _names = new(options.AllowedHosts);

    public async Task InvokeAsync(HttpContext context)
    {
        var isHealth = IsHealth(context.Request);
        var connection = context.Features.Get<ConnectionState>();
        var count = connection?.BeginRequest() ?? 1;
        if (connection is not null)
            context.Response.OnCompleted(static state => ((ConnectionState)state).EndRequest(), connection);
        // Under `loki up` the threads that wait for the sockets go on with what they read: only queries and probes stay with them. The thread
        // that completes answers takes no requests.
        if (AnswerThread.IsCurrent || !(isHealth || IsQuery(context.Request)) || count % Turn == 0)
            await Task.Yield();
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (!isHealth)
            Check(context);
        await next(context);
    }

    private void Check(HttpContext context)
    {
        var request = context.Request;
        if (!_names.Knows(request.Host.Host))
        {
            throw new ApiFaultException(
                421, "wrong_host", $"Host '{Shorten(request.Host.Host)}' is none of this host's names. Ask by localhost, an address or the machine's name; the host takes others by --allowed-hosts.");
        }

        if (IsForeign(request))
        {
            throw new ApiFaultException(
                403, "foreign_origin", "The request comes from a page of another origin. Ask from a program, from this host's own page, or through a front that serves both.");
        }

        if (options.ApiKeys is not { } keys || IsPage(request))
            return;
        if (keys.Find(Key(request)) is { } name)
        {
            context.Features.Set(new CallerKey(name));
            return;
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        throw new ApiFaultException(401, "unauthorized", "The request needs a key that this host knows: 'Authorization: Bearer KEY' or 'x-api-key: KEY'.");
    }

    private static bool IsHealth(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && request.Path.StartsWithSegments("/v2/health", StringComparison.Ordinal);

    private static bool IsPage(HttpRequest request) => (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && request.Path == "/";

    private static bool IsQuery(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) && request.Path.StartsWithSegments("/v2/models", StringComparison.Ordinal)
        && request.Path.Value!.EndsWith("/infer", StringComparison.Ordinal);

    /// <summary>Tests whether a foreign page sent the request, which browsers state and programs do not. Links to the status page are
    /// allowed from any page.</summary>
    private static bool IsForeign(HttpRequest request)
    {
        var headers = request.Headers;
        if (headers.Origin.Count > 0)
            return !IsOwn(headers.Origin.ToString(), request.Host.Value);
        var isLink = HttpMethods.IsGet(request.Method) && headers["Sec-Fetch-Mode"] == "navigate" && headers["Sec-Fetch-Dest"] == "document";
        return headers["Sec-Fetch-Site"] == "cross-site" && !isLink;
    }

    private static bool IsOwn(string origin, string? host)
    {
        var at = origin.IndexOf("://", StringComparison.Ordinal);
        return at >= 0 && host is not null && origin.AsSpan(at + 3).Equals(host, StringComparison.OrdinalIgnoreCase);
    }

    private static ReadOnlySpan<char> Key(HttpRequest request)
    {
        const string Scheme = "Bearer ";
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? authorization.AsSpan(Scheme.Length).Trim()
            : request.Headers["x-api-key"].ToString().AsSpan().Trim();
    }

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";
}
