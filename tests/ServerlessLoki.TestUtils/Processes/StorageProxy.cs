using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Azure.EndToEnd.Tests.Setup;

/// <summary>Stands before one of Azurite's services: counts requests, and answers some itself as a service in trouble does.</summary>
internal sealed partial class StorageProxy : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private readonly ConcurrentDictionary<string, int> _requests = new(StringComparer.Ordinal);
    private readonly string _service;
    private readonly string _target;
    private int _answered;

    private StorageProxy(string service, string connection)
    {
        _service = service;
        _target = new Uri(EndpointIn(connection)).GetLeftPart(UriPartial.Authority);
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

    /// <param name="service">Blob or Table.</param>
    /// <param name="connection">Of the account.</param>
    public static async Task<StorageProxy> StartAsync(string service, string connection)
    {
        var proxy = new StorageProxy(service, connection);
        await proxy._web.StartAsync();
        return proxy;
    }

    /// <summary>Requests that came for what is in a container.</summary>
    public int Requests(string container) => _requests.GetValueOrDefault(container);

    /// <summary>The connection string with its service behind this.</summary>
    public string Through(string connection)
    {
        var endpoint = EndpointIn(connection);
        return connection.Replace(endpoint, endpoint.Replace(_target, _web.Urls.First(), StringComparison.Ordinal), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _client.Dispose();
    }

    private string EndpointIn(string connection) => Endpoints().Matches(connection).Single(m => m.Groups["service"].Value == _service).Groups["uri"].Value;

    private async Task AnswerAsync(HttpContext context)
    {
        // Behind the account's name.
        if (context.Request.Path.Value!.Split('/') is [_, _, var container, _, ..])
            _requests.AddOrUpdate(container, 1, static (_, count) => count + 1);
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
        // Also an empty one: its headers are signed.
        if (context.Request.ContentLength is not null || context.Request.Headers.TransferEncoding.Count > 0)
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

    [GeneratedRegex("(?<service>[A-Z][a-z]+)Endpoint=(?<uri>[^;]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Endpoints();
}
