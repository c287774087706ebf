using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Azure.EndToEnd.Tests.Setup;

/// <summary>Stands before Azurite's tables and answers some requests itself, as a service in trouble does.</summary>
internal sealed partial class TableProxy : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private readonly string _target;
    private int _answered;

    private TableProxy(string target)
    {
        _target = target;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _web = builder.Build();
        _web.Run(AnswerAsync);
    }

    /// <summary>The status to answer with instead; null = pass it on. Called from many threads.</summary>
    public Func<HttpRequest, int?>? Fault { get; set; }

    /// <summary>Requests that were answered here.</summary>
    public int Answered => Volatile.Read(ref _answered);

    public static async Task<TableProxy> StartAsync(string connection)
    {
        var proxy = new TableProxy(new Uri(Endpoint().Match(connection).Groups["uri"].Value).GetLeftPart(UriPartial.Authority));
        await proxy._web.StartAsync();
        return proxy;
    }

    /// <summary>The connection string with its tables behind this.</summary>
    public string Through(string connection) =>
        Endpoint().Replace(connection, m => "TableEndpoint=" + m.Groups["uri"].Value.Replace(_target, _web.Urls.First(), StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _client.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (Fault?.Invoke(context.Request) is { } status)
        {
            Interlocked.Increment(ref _answered);
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            var code = status == 412 ? "UpdateConditionNotSatisfied" : "ServerBusy";
            await context.Response.WriteAsync($$"""{"odata.error":{"code":"{{code}}","message":{"lang":"en-US","value":"Injected."} } }""");
            return;
        }

        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), _target + context.Features.Get<IHttpRequestFeature>()!.RawTarget);
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
            request.Content = new StreamContent(context.Request.Body);
        foreach (var header in context.Request.Headers.Where(h => h.Key is not "Host" and not "Connection" and not "Transfer-Encoding"))
        {
            if (!request.Headers.TryAddWithoutValidation(header.Key, header.Value.AsEnumerable()))
                request.Content?.Headers.TryAddWithoutValidation(header.Key, header.Value.AsEnumerable());
        }

        HttpResponseMessage response;
        try
        {
            response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        }
        catch (HttpRequestException)
        {
            // As if this were it: nobody listens.
            context.Abort();
            return;
        }

        using (response)
        {
            context.Response.StatusCode = (int)response.StatusCode;
            foreach (var header in response.Headers.Concat(response.Content.Headers).Where(h => h.Key is not "Transfer-Encoding" and not "Connection" and not "Keep-Alive"))
                context.Response.Headers[header.Key] = header.Value.ToArray();
            if (response.StatusCode is not System.Net.HttpStatusCode.NoContent and not System.Net.HttpStatusCode.NotModified)
                await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
    }

    [GeneratedRegex("TableEndpoint=(?<uri>[^;]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Endpoint();
}
