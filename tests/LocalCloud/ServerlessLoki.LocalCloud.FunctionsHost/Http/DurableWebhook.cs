using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using ServerlessLoki.LocalCloud.FunctionsHost.Settings;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Http;

/// <summary>Addresses of the Durable engine for watching, ending and purging instances. They contain the master key where keys are
/// required.</summary>
internal sealed class DurableWebhook(HttpKeys? keys, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer)
{
    public const string Path = "/runtime/webhooks/durabletask";
    private static readonly string[] Hop = ["Transfer-Encoding", "Connection"];

    /// <summary>Returns the base address from which the engine makes its own.</summary>
    public static Uri AddressAt(Uri host, HttpKeys? keys) => new(host, keys is null ? Path : $"{Path}?code={Uri.EscapeDataString(keys.Master)}");

    public async Task HandleAsync(HttpContext context)
    {
        if (!HttpTrigger.IsAllowed(keys, context.Request, "admin"))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), context.Request.GetEncodedUrl()) { Content = new StreamContent(context.Request.Body) };
        if (context.Request.ContentType is { } type)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var response = await answer(request, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content?.Headers.AsEnumerable() ?? []).Where(static h => !Hop.Contains(h.Key, StringComparer.OrdinalIgnoreCase)))
            context.Response.Headers[name] = values.ToArray();
        if (response.Content is { } content)
            await content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
